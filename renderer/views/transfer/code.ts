/** QR codes: read from a picture, drawn as SVG or PNG. Loaded when one is met. */
import encode from 'qr';
import decode from 'qr/decode.js';

/** Larger pictures are made smaller first: codes are read in a blink then. */
const MAX_SIDE = 1600;

/** Bytes that one code can hold, at the lowest correction. */
const MAX_CODE_BYTES = 2_900;

/** The text of the code in a picture; null when there is none that can be read. */
export async function readCode(file: Blob): Promise<string | null> {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, MAX_SIDE / Math.max(picture.width, picture.height));
    const width = Math.max(1, Math.round(picture.width * scale));
    const height = Math.max(1, Math.round(picture.height * scale));
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (context === null) return null;
    // a transparent code is read on white
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.drawImage(picture, 0, 0, width, height);
    return decode(context.getImageData(0, 0, width, height), { timeLimit: 1_500 });
  } catch {
    return null;
  }
}

/** The dark squares of the code for a text, row by row; null when the text is too long for one. */
export function codeOf(text: string): readonly (readonly boolean[])[] | null {
  if (text === '' || new TextEncoder().encode(text).length > MAX_CODE_BYTES) return null;
  try {
    return encode(text, 'raw', { ecc: 'low', border: 4 });
  } catch {
    return null;
  }
}

export function svgOf(rows: readonly (readonly boolean[])[]): string {
  const side = rows.length;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges"><rect width="${side}" height="${side}" fill="#fff"/><path d="${pathOf(rows)}" fill="#000"/></svg>\n`;
}

/** The dark squares as one SVG path. */
export function pathOf(rows: readonly (readonly boolean[])[]): string {
  return rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
}

export function pngOf(rows: readonly (readonly boolean[])[]): Promise<Blob> {
  const square = 8;
  const canvas = new OffscreenCanvas(rows.length * square, rows.length * square);
  const context = canvas.getContext('2d');
  if (context !== null) {
    context.fillStyle = '#fff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = '#000';
    for (const [y, row] of rows.entries())
      for (const [x, dark] of row.entries())
        if (dark) context.fillRect(x * square, y * square, square, square);
  }
  return canvas.convertToBlob({ type: 'image/png' });
}
