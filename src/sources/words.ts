/** Characters as numbers, the way they are loaded out of a buffer: comparing two words beats comparing eight bytes. */

/** Exactly four characters, as `DataView.getInt32(at, true)` loads them. */
export function toWord(characters: string): number {
  return Buffer.from(characters, 'latin1').readInt32LE();
}

/** Exactly two characters, as `DataView.getUint16(at, true)` loads them. */
export function toHalfWord(characters: string): number {
  return Buffer.from(characters, 'latin1').readUInt16LE();
}
