import type { ColumnType } from 'kysely'

/* Columns that pg and PGlite give back differently. */

/** int8 comes back as a string from pg and as a number from PGlite: read it with `toNumber`. */
export type Int8 = ColumnType<string | number, number, number>
export type NullableInt8 = ColumnType<string | number | null, number | null | undefined, number | null>
/** numeric(78): unsigned 256-bit amounts; read it with `BigInt(String(…))`. */
export type Uint256 = ColumnType<string | number, string, string>
export type Bytes = ColumnType<Uint8Array, Uint8Array, Uint8Array>
export type NullableBytes = ColumnType<Uint8Array | null, Uint8Array | null | undefined, Uint8Array | null>

/** int8 as a number; counters and times of this room stay far below 2^53. */
export function toNumber(value: string | number | bigint): number {
  return Number(value)
}
