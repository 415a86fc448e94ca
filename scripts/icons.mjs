// node scripts/icons.mjs: renders assets/*.svg to every picture that packaging and the tray need. The outputs are committed; run it after a drawing changed.
// Needs Chromium (Debian's /usr/bin/chromium, or CHROMIUM=path). PNG, ICO and ICNS are packed here, so that no image library is installed for it.
//
// icon.png 512, icon@1024.png         documentation, stores
// icons/<n>x<n>.png                   Linux: one file per size of the hicolor theme
// icon.ico                            Windows; icon.icns: macOS, drawn on Apple's grid (824 of 1024)
// tray-{on,off,problem}.{png,@2x,ico} Linux and Windows: state by shape, colour only adds to it
// tray-{on,off,problem}Template.png   macOS: black and alpha, the menu bar colours it; trayTemplate.png is the shape of "on"
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

const ASSETS = join(import.meta.dirname, '..', 'assets');
/** Below this many pixels the simplified drawing is used. */
const SMALL_BELOW = 48;
const LINUX_SIZES = [16, 22, 24, 32, 48, 64, 96, 128, 256, 512];
const ICO_SIZES = [16, 20, 24, 32, 40, 48, 64, 128, 256];
const TRAY_ICO_SIZES = [16, 20, 24, 32, 40, 48];
/** Share of the canvas that Apple's grid leaves free on each side. */
const APPLE_MARGIN = 100 / 1024;
/** ICNS types by pixels. 16 and 32 have to be raw: Finder misdraws PNG in them. */
const ICNS_RAW = { ic04: 16, ic05: 32 };
const ICNS_PNG = { ic11: 32, ic12: 64, ic07: 128, ic13: 256, ic08: 256, ic14: 512, ic09: 512, ic10: 1024 };

const playwright = createRequire(import.meta.resolve('@playwright/test/package.json'));
const { chromium } = playwright('playwright-core');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const page = await browser.newPage();
  await appIcons(page);
  await trayIcons(page);
} finally {
  await browser.close();
}

async function appIcons(page) {
  const large = source('icon.svg');
  const small = source('icon-small.svg');
  const draw = (size, margin) => render(page, size < SMALL_BELOW ? small : large, size, margin);
  const drawAll = (sizes, margin) => Promise.all(sizes.map((size) => draw(size, margin)));

  save('icon.png', png(await draw(512)));
  save('icon@1024.png', png(await draw(1024)));
  mkdirSync(join(ASSETS, 'icons'), { recursive: true });
  for (const image of await drawAll(LINUX_SIZES)) save(`icons/${image.size}x${image.size}.png`, png(image));
  save('icon.ico', ico(await drawAll(ICO_SIZES)));

  const onGrid = (types) => drawAll(Object.values(types), APPLE_MARGIN);
  const raw = (await onGrid(ICNS_RAW)).map((image, i) => [Object.keys(ICNS_RAW)[i], argb(image)]);
  const packed = (await onGrid(ICNS_PNG)).map((image, i) => [Object.keys(ICNS_PNG)[i], png(image)]);
  save('icon.icns', icns([...raw, ...packed]));
}

async function trayIcons(page) {
  for (const state of ['on', 'off', 'problem']) {
    const coloured = source(`tray-${state}.svg`);
    const template = coloured.replace(/ color="#\w+"/, ' color="#000"');
    save(`tray-${state}.png`, png(await render(page, coloured, 24)));
    save(`tray-${state}@2x.png`, png(await render(page, coloured, 48)));
    const icons = await Promise.all(TRAY_ICO_SIZES.map((size) => render(page, coloured, size)));
    save(`tray-${state}.ico`, ico(icons));
    for (const name of state === 'on'
      ? [`tray-${state}Template`, 'trayTemplate']
      : [`tray-${state}Template`]) {
      save(`${name}.png`, png(await render(page, template, 16)));
      save(`${name}@2x.png`, png(await render(page, template, 32)));
    }
  }
}

function source(name) {
  return readFileSync(join(ASSETS, name), 'utf8');
}

function save(name, bytes) {
  writeFileSync(join(ASSETS, name), bytes);
  console.log(`${name.padEnd(24)} ${bytes.length} bytes`);
}

/** A drawing as square RGBA pixels, `margin` being the free share on each side. Chromium rasterises the vectors at the final size. */
async function render(page, svg, size, margin = 0) {
  const inner = Math.round(size * (1 - 2 * margin));
  const sized = svg.replace('<svg ', `<svg width="${inner}" height="${inner}" `);
  const base64 = await page.evaluate(drawInPage, { sized, size, inner });
  return { size, rgba: Buffer.from(base64, 'base64') };
}

/** Runs inside the page. */
async function drawInPage({ sized, size, inner }) {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(sized)}`;
  await image.decode();
  const context = new OffscreenCanvas(size, size).getContext('2d');
  const edge = Math.floor((size - inner) / 2);
  context.drawImage(image, edge, edge, inner, inner);
  const { data } = context.getImageData(0, 0, size, size);
  let text = '';
  for (let i = 0; i < data.length; i += 4096) text += String.fromCharCode(...data.subarray(i, i + 4096));
  return btoa(text);
}

/** PNG, 8-bit RGBA. Every row is stored as the difference to the row above (filter 2), which flat drawings and gradients like. */
function png({ size, rgba }) {
  const stride = size * 4;
  const rows = Buffer.alloc((stride + 1) * size);
  for (let y = 0; y < size; y += 1) {
    const out = y * (stride + 1);
    rows[out] = 2;
    for (let x = 0; x < stride; x += 1) {
      const above = y === 0 ? 0 : rgba[(y - 1) * stride + x];
      rows[out + 1 + x] = rgba[y * stride + x] - above;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** ICO: PNG for 256, bitmaps below it, because installers and older shells read nothing else there. */
function ico(images) {
  const bodies = images.map((image) => (image.size >= 256 ? png(image) : dib(image)));
  const directory = Buffer.alloc(6 + 16 * images.length);
  directory.writeUInt16LE(1, 2);
  directory.writeUInt16LE(images.length, 4);
  let offset = directory.length;
  for (const [i, { size }] of images.entries()) {
    const entry = 6 + 16 * i;
    directory[entry] = directory[entry + 1] = size % 256; // 256 is written as 0
    directory.writeUInt16LE(1, entry + 4);
    directory.writeUInt16LE(32, entry + 6);
    directory.writeUInt32LE(bodies[i].length, entry + 8);
    directory.writeUInt32LE(offset, entry + 12);
    offset += bodies[i].length;
  }
  return Buffer.concat([directory, ...bodies]);
}

/** The bitmap of an ICO entry: BITMAPINFOHEADER of twice the height, BGRA from the bottom row up, then a mask bit per transparent pixel. */
function dib({ size, rgba }) {
  const maskStride = Math.ceil(size / 32) * 4;
  const out = Buffer.alloc(40 + size * size * 4 + maskStride * size);
  out.writeUInt32LE(40, 0);
  out.writeInt32LE(size, 4);
  out.writeInt32LE(size * 2, 8);
  out.writeUInt16LE(1, 12);
  out.writeUInt16LE(32, 14);
  for (let y = 0; y < size; y += 1) {
    const row = size - 1 - y;
    for (let x = 0; x < size; x += 1) {
      const [r, g, b, a] = rgba.subarray((y * size + x) * 4);
      out.set([b, g, r, a], 40 + (row * size + x) * 4);
      if (a === 0) out[40 + size * size * 4 + row * maskStride + (x >> 3)] |= 0x80 >> (x & 7);
    }
  }
  return out;
}

function icns(entries) {
  const parts = entries.map(([type, data]) => Buffer.concat([tag(type, data.length), data]));
  const body = Buffer.concat(parts);
  return Buffer.concat([tag('icns', body.length), body]);
}

/** Four letters and the length with these eight bytes. */
function tag(type, length) {
  const out = Buffer.alloc(8);
  out.write(type, 'latin1');
  out.writeUInt32BE(length + 8, 4);
  return out;
}

/** ICNS pixels: the planes A, R, G and B one after the other, in runs of up to 128 literal bytes. */
function argb({ size, rgba }) {
  const planes = [3, 0, 1, 2].map((channel) =>
    Buffer.from({ length: size * size }, (_, i) => rgba[i * 4 + channel]),
  );
  const runs = planes.flatMap((plane) => {
    const parts = [];
    for (let i = 0; i < plane.length; i += 128) {
      const literal = plane.subarray(i, i + 128);
      parts.push(Buffer.from([literal.length - 1]), literal);
    }
    return parts;
  });
  return Buffer.concat([Buffer.from('ARGB', 'latin1'), ...runs]);
}
