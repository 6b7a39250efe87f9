import { desktopCapturer, Menu, type DesktopCapturerSource } from 'electron';

const THUMBNAIL_SIZE = { width: 160, height: 90 };

/**
 * Lets the user choose a screen or window; null when nothing was chosen.
 * On Wayland the system's portal has asked already and exactly one source comes back.
 */
export async function pickScreen(): Promise<DesktopCapturerSource | null> {
  const sources = await desktopCapturer.getSources({
    types: ['screen', 'window'],
    thumbnailSize: THUMBNAIL_SIZE,
  });
  const [first] = sources;
  if (first === undefined) return null;
  return sources.length === 1 ? first : chooseFromMenu(sources);
}

function chooseFromMenu(sources: readonly DesktopCapturerSource[]): Promise<DesktopCapturerSource | null> {
  return new Promise((resolve) => {
    const menu = Menu.buildFromTemplate(
      sources.map((source) => ({
        label: source.name,
        icon: source.thumbnail,
        click: () => resolve(source),
      })),
    );
    // the click comes after the closing on some systems, so the closing waits one turn
    menu.popup({ callback: () => setTimeout(() => resolve(null), 0) });
  });
}
