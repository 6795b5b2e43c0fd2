'use strict';
// Width and height of the image formats that the SDKs take, from their headers.

// sizeOf returns {width, height}, or undefined for what is no such image.
function sizeOf(b) {
  try {
    if (b.readUInt32BE(0) === 0x89504e47) return { width: b.readUInt32BE(16), height: b.readUInt32BE(20) }; // PNG
    const magic = b.toString('latin1', 0, 3);
    if (magic === 'GIF') return { width: b.readUInt16LE(6), height: b.readUInt16LE(8) };
    if (magic.startsWith('BM')) return { width: b.readInt32LE(18), height: Math.abs(b.readInt32LE(22)) };
    if (b.readUInt16BE(0) === 0xffd8) return jpeg(b);
  } catch {
    // too short
  }
  return undefined;
}

// The frame header is the first SOFn segment (C0-CF without C4, C8, CC).
function jpeg(b) {
  for (let at = 2; ; at += 2 + b.readUInt16BE(at + 2)) {
    while (b[at + 1] === 0xff) at++; // fill bytes
    const marker = b[at + 1];
    if (b[at] !== 0xff) return undefined;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: b.readUInt16BE(at + 7), height: b.readUInt16BE(at + 5) };
    }
  }
}

module.exports = { sizeOf };
