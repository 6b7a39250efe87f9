/** One line of the keyboard map. */
export type KeyLine = { keys: string; deed: string };

/** Every key of the studio, by place, as the help shows it. */
export const KEYBOARD_MAP: readonly { place: string; lines: readonly KeyLine[] }[] = [
  {
    place: 'Everywhere',
    lines: [
      { keys: '1 – 8', deed: 'Play a cue' },
      { keys: 'Shift 1 – 8', deed: 'Keep the prompt as a cue' },
      { keys: 'G', deed: 'Run the timed cues, or halt them' },
      { keys: 'P', deed: 'Write the prompt' },
      { keys: 'R', deed: 'Record' },
      { keys: 'Shift R', deed: 'Stop recording' },
      { keys: '[  ]', deed: 'Take the scene before or after' },
      { keys: 'Ctrl Z', deed: 'Undo' },
      { keys: 'Ctrl Shift Z', deed: 'Redo' },
      { keys: 'H', deed: 'Pin the health figures' },
      { keys: 'M', deed: 'Models' },
      { keys: '?', deed: 'This map' },
    ],
  },
  {
    place: 'Prompt',
    lines: [
      { keys: 'Enter', deed: 'Send at once' },
      { keys: 'Alt ←  Alt →', deed: 'Prompt before, prompt after' },
      { keys: 'Esc', deed: 'Leave the box' },
    ],
  },
  {
    place: 'Canvas',
    lines: [
      { keys: '← ↑ → ↓', deed: 'Move by 10 pixels' },
      { keys: 'Shift ←…', deed: 'Move by 1 pixel' },
      { keys: 'Shift drag', deed: 'Move finely, keep proportions' },
      { keys: 'Ctrl drag', deed: 'Without snapping' },
      { keys: 'Alt click', deed: 'Select what lies below' },
      { keys: 'Esc', deed: 'Put back while dragging' },
    ],
  },
  {
    place: 'Layers',
    lines: [
      { keys: '↑ ↓', deed: 'Select' },
      { keys: 'Alt ↑  Alt ↓', deed: 'Move up, move down' },
      { keys: 'F2', deed: 'Rename' },
      { keys: 'Ctrl D', deed: 'Duplicate' },
      { keys: 'Del', deed: 'Delete' },
    ],
  },
  {
    place: 'Sound map',
    lines: [
      { keys: '← →', deed: 'Turn by 5°; Shift: 1°' },
      { keys: '↑ ↓', deed: 'Farther, nearer by 10 cm; Shift: 1 cm' },
      { keys: 'Page ↑  Page ↓', deed: 'Higher, lower by 5°; Shift: 1°' },
      { keys: 'Double-click', deed: 'Back to the front' },
      { keys: 'Esc', deed: 'Put back while dragging' },
    ],
  },
  {
    place: 'Models',
    lines: [
      { keys: '↑ ↓', deed: 'Select; type above to find' },
      { keys: 'Enter', deed: 'Get, pause, go on, try again, verify' },
      { keys: 'Del', deed: 'Delete, or cancel the download' },
      { keys: 'Esc', deed: 'Close; downloads go on' },
    ],
  },
  {
    place: 'Sliders and faders',
    lines: [
      { keys: '← ↑ → ↓', deed: 'Step; Shift: fine' },
      { keys: 'Double-click', deed: 'Reset' },
      { keys: 'Esc', deed: 'Put back while dragging' },
    ],
  },
];
