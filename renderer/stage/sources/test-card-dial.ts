import type { CardRect } from '../barcode';
import type { Size } from '../geometry';
import { TICKS_PER_SECOND } from '../ticker';

type Pen = OffscreenCanvasRenderingContext2D;

/** The free field between barcode and flash patch. */
export const DIAL_RECT: CardRect = { x: 0.33, y: 0.62, width: 0.39, height: 0.25 };

const GROUND = '#1d1916';
const INK = '#f3ece4';
const QUIET = '#a2958a';
const AMBER = '#f5a524';
/** How strongly the dot of this tick and of those before it glow. */
const TAIL = [1, 0.62, 0.4, 0.25, 0.15];
const SANS = 'system-ui, "DejaVu Sans", sans-serif';

type Dial = { x: number; y: number; radius: number };

/** Writes name, size and rate of the programme; once. */
export function drawLegend(pen: Pen, size: Size): void {
  const { x, radius } = dial(size);
  const left = x + radius * 1.3;
  const middle = (DIAL_RECT.y + DIAL_RECT.height / 2) * size.height;
  const room = (DIAL_RECT.x + DIAL_RECT.width) * size.width - left;
  pen.textAlign = 'left';
  pen.textBaseline = 'alphabetic';
  pen.fillStyle = INK;
  const name = fitted(pen, 'Fantascope', 600, radius * 0.62, room);
  pen.fillText('Fantascope', left, middle + name * 0.12);
  const facts = `${size.width} × ${size.height} · ${TICKS_PER_SECOND} fps`;
  pen.fillStyle = QUIET;
  const small = fitted(pen, facts, 400, radius * 0.34, room);
  pen.fillText(facts, left, middle + name * 0.12 + small * 1.55);
}

/**
 * Draws the dial: a hand that goes round once a second over a dot for each of its ticks,
 * upright at the whole second. A dot that is left out or comes twice is a lost or repeated picture.
 */
export function drawDial(pen: Pen, size: Size, tick: number): void {
  const { x, y, radius } = dial(size);
  const dot = radius * 0.055;
  const phase = tick % TICKS_PER_SECOND;
  pen.fillStyle = GROUND;
  pen.fillRect(Math.floor(x - radius), Math.floor(y - radius), Math.ceil(radius * 2), Math.ceil(radius * 2));
  pen.fillStyle = '#4a4039';
  pen.beginPath();
  for (let index = 0; index < TICKS_PER_SECOND; index += 1) addDot(pen, { x, y, radius }, index, dot);
  pen.fill();
  pen.fillStyle = AMBER;
  for (const [back, glow] of TAIL.entries()) {
    pen.globalAlpha = glow;
    pen.beginPath();
    addDot(pen, { x, y, radius }, phase - back, dot * 1.25);
    pen.fill();
  }
  pen.globalAlpha = 1;
  const angle = angleOf(phase);
  pen.strokeStyle = INK;
  pen.lineWidth = Math.max(1, radius * 0.035);
  pen.lineCap = 'round';
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x + Math.cos(angle) * radius * 0.72, y + Math.sin(angle) * radius * 0.72);
  pen.stroke();
}

function dial({ width, height }: Size): Dial {
  const radius = Math.min(DIAL_RECT.height * height * 0.46, DIAL_RECT.width * width * 0.2);
  const y = (DIAL_RECT.y + DIAL_RECT.height / 2) * height;
  return { x: DIAL_RECT.x * width + radius, y, radius };
}

/** Tick 0 of a second points up, the rest go clockwise. */
function angleOf(phase: number): number {
  return (phase / TICKS_PER_SECOND - 0.25) * 2 * Math.PI;
}

function addDot(pen: Pen, { x, y, radius }: Dial, phase: number, dot: number): void {
  const angle = angleOf(phase);
  const reach = radius * 0.92;
  const dotX = x + Math.cos(angle) * reach;
  const dotY = y + Math.sin(angle) * reach;
  pen.moveTo(dotX + dot, dotY);
  pen.arc(dotX, dotY, dot, 0, 2 * Math.PI);
}

/** Sets the font to at most `px`, smaller where the text would need more than `room` pixels. */
function fitted(pen: Pen, text: string, weight: number, px: number, room: number): number {
  pen.font = `${weight} ${px}px ${SANS}`;
  const { width } = pen.measureText(text);
  const fits = width > room ? (px * room) / width : px;
  pen.font = `${weight} ${fits}px ${SANS}`;
  return fits;
}
