/** In the page: words whose contrast with their ground is below 4.5 to 1 (WCAG 2.2, 1.4.3); hidden layers and disabled controls are exempt. */
export function faintWords(): string[] {
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour: string): number[] => {
    if (!pen) throw new Error('A 2D context is needed.');
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (rgb: number[]) => {
    const [r = 0, g = 0, b = 0] = rgb.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element: Element): number[] => {
    const layers: number[][] = [];
    for (let here: Element | null = element; here; here = here.parentElement) {
      const colour = rgba(getComputedStyle(here).backgroundColor);
      layers.push(colour);
      if (colour[3] === 255) break;
    }
    return layers.reduceRight(
      (under, over) => {
        const alpha = (over[3] ?? 0) / 255;
        return [0, 1, 2].map((channel) => (over[channel] ?? 0) * alpha + (under[channel] ?? 0) * (1 - alpha));
      },
      [0, 0, 0],
    );
  };
  return [...document.querySelectorAll('body *')]
    .filter((element) =>
      [...element.childNodes].some((node) => node.nodeType === 3 && (node.textContent ?? '').trim() !== ''),
    )
    .filter(
      (element) =>
        !element.closest('[data-hidden], :disabled, [aria-hidden=true], .overlay, .visually-hidden'),
    )
    .filter((element) => element.getBoundingClientRect().width > 0)
    .map((element) => {
      const words = luminance(rgba(getComputedStyle(element).color).slice(0, 3));
      const ground = luminance(groundOf(element));
      const contrast = (Math.max(words, ground) + 0.05) / (Math.min(words, ground) + 0.05);
      return { contrast, text: element.textContent?.trim().slice(0, 30) };
    })
    .filter(({ contrast }) => contrast < 4.5)
    .map(({ contrast, text }) => `${text}: ${contrast.toFixed(2)}`);
}
