/** Fields of protobuf messages as bytes: the little of its wire format that spans need. */

/** A field's number and how it is written, as its tag. */
export const toTag = (field: number, type: keyof typeof WIRE): Buffer => toVarint(field * 8 + WIRE[type]);

const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Any whole number of 64 bits; negative ones as their complement. */
export function toVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

/** Bytes behind their length: a message in a message, or a text. */
export function toBytesField(field: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([toTag(field, 'bytes'), toVarint(length), ...parts]);
}

export function toTextField(field: number, text: string): Buffer {
  return toBytesField(field, Buffer.from(text));
}

export function toVarintField(field: number, value: number): Buffer {
  return Buffer.concat([toTag(field, 'varint'), toVarint(value)]);
}

export function toDoubleField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([toTag(field, 'fixed64'), bytes]);
}
