import { AgentError } from '../errors.ts'

/**
 * What changed in a status list between two epochs, as short as it can be said: the positions of the
 * bits that flip, sorted, as gaps, each Golomb–Rice coded (Golomb 1966, Rice 1979).
 *
 *     byte 0        the Rice parameter k, 0 … 24: the encoder's choice, so the code describes itself
 *     bytes 1 …     how many positions follow, LEB128, in its shortest form
 *     the rest      for each position the gap to the one before, less one (the first: the position itself):
 *                   (gap >> k) ones, a zero, then the low k bits, most significant first;
 *                   zero bits up to the next whole byte
 *
 * Because a gap of zero means "the next position", a position cannot be said twice; the decoder takes
 * no padding but the shortest and nothing after it.
 *
 * Position p stands for bit p of the list: with two bits an entry, `2 * index + plane`.
 */
const MAX_PARAMETER = 24
const MAX_POSITIONS = 2 ** 31

/** Position of one bit of an entry: plane 0 is its low bit (invalid), plane 1 its high bit (suspended). */
export function deltaPosition(index: number, plane: 0 | 1): number {
  return 2 * index + plane
}

/**
 * Encodes strictly ascending bit positions.
 * @throws AgentError `ERR_DELTA_INVALID` if they are not whole, ascending and below 2^31.
 */
export function encodeDelta(positions: ArrayLike<number>): Uint8Array {
  const gaps = gapsOf(positions)
  const parameter = bestParameter(gaps)
  const writer = new BitWriter()
  writer.writeBits(parameter, 8)
  let rest = gaps.length
  do {
    const more = rest > 0x7f
    writer.writeBits((rest & 0x7f) | (more ? 0x80 : 0), 8)
    rest >>>= 7
  } while (rest > 0)
  for (const gap of gaps) {
    writer.writeOnes(gap >>> parameter)
    writer.writeBits(0, 1)
    writer.writeBits(gap & (2 ** parameter - 1), parameter)
  }
  return writer.finish()
}

/**
 * Decodes what `encodeDelta` wrote; the positions are ascending and all below `limit`, the number of
 * bits in the list.
 * @throws AgentError `ERR_DELTA_INVALID` on anything else: a parameter or count out of range, a position
 * at or past the limit, an end too early, bits or bytes left over.
 */
export function decodeDelta(bytes: Uint8Array, limit: number): number[] {
  if (!Number.isSafeInteger(limit) || limit < 0 || limit > MAX_POSITIONS) throw invalid('the limit is out of range')
  const reader = new BitReader(bytes)
  const parameter = reader.readBits(8)
  if (parameter > MAX_PARAMETER) throw invalid('the Rice parameter is out of range')
  const count = readCount(reader)
  if (count > limit || count > reader.bitsLeft / (1 + parameter)) throw invalid('the count does not fit')
  const positions = new Array<number>(count)
  let next = 0
  for (let i = 0; i < count; i++) {
    const quotient = reader.readOnes(Math.floor((limit - next) / 2 ** parameter))
    const position = next + quotient * 2 ** parameter + reader.readBits(parameter)
    if (position >= limit) throw invalid('a position is past the end of the list')
    positions[i] = position
    next = position + 1
  }
  reader.expectEnd()
  return positions
}

function gapsOf(positions: ArrayLike<number>): Uint32Array {
  const gaps = new Uint32Array(positions.length)
  let next = 0
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] as number
    if (!Number.isInteger(position) || position < next || position >= MAX_POSITIONS) {
      throw invalid('positions must be whole numbers below 2^31, each greater than the one before')
    }
    gaps[i] = position - next
    next = position + 1
  }
  return gaps
}

/** The parameter with the shortest code: the sum is convex in k, so the first rise ends the search. */
function bestParameter(gaps: Uint32Array): number {
  let best = 0
  let bestBits = Infinity
  for (let parameter = 0; parameter <= MAX_PARAMETER; parameter++) {
    let bits = gaps.length * (parameter + 1)
    for (const gap of gaps) bits += gap >>> parameter
    if (bits >= bestBits) break
    best = parameter
    bestBits = bits
  }
  return best
}

function readCount(reader: BitReader): number {
  let count = 0
  for (let shift = 0; shift <= 28; shift += 7) {
    const byte = reader.readBits(8)
    count += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) {
      if (byte === 0 && shift > 0) throw invalid('the count is not in its shortest form')
      return count
    }
  }
  throw invalid('the count is out of range')
}

function invalid(reason: string): AgentError {
  return new AgentError('ERR_DELTA_INVALID', `Status delta: ${reason}.`)
}

class BitWriter {
  #bytes = new Uint8Array(256)
  #bits = 0

  writeBits(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--) this.#write((value >>> i) & 1)
  }

  writeOnes(count: number): void {
    for (let i = 0; i < count; i++) this.#write(1)
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, Math.ceil(this.#bits / 8))
  }

  #write(bit: number): void {
    const at = this.#bits >>> 3
    if (at === this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2)
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    if (bit === 1) this.#bytes[at] = (this.#bytes[at] as number) | (0x80 >>> (this.#bits & 7))
    this.#bits++
  }
}

class BitReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get bitsLeft(): number {
    return this.#bytes.length * 8 - this.#at
  }

  readBits(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++) value = value * 2 + this.#read()
    return value
  }

  /** Ones up to the next zero, which is read too; at most `most`. */
  readOnes(most: number): number {
    let count = 0
    while (this.#read() === 1) {
      if (++count > most) throw invalid('a gap leads past the end of the list')
    }
    return count
  }

  expectEnd(): void {
    if (this.bitsLeft >= 8) throw invalid('bytes are left over')
    while (this.bitsLeft > 0) {
      if (this.#read() !== 0) throw invalid('the padding is not zero')
    }
  }

  #read(): number {
    const byte = this.#bytes[this.#at >>> 3]
    if (byte === undefined) throw invalid('it ends too early')
    const bit = (byte >>> (7 - (this.#at & 7))) & 1
    this.#at++
    return bit
  }
}
