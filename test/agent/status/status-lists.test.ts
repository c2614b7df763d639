import { deflateSync, gzipSync } from 'node:zlib'
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { AgentError } from '../../../agent/errors.ts'
import type { EcPublicJwk } from '../../../agent/formats/crypto-suite.ts'
import { nativeCryptoSuite } from '../../../agent/keys/crypto-suite-node.ts'
import { bitstringStatusEntries, createBitstringStatusList, decodeBitstring, encodeBitstring, readBit, verifyBitstringStatusList } from '../../../agent/status/bitstring-status-list.ts'
import { compressWithStream, decompressBounded } from '../../../agent/status/compression.ts'
import { compressNatively } from '../../../agent/status/compression-node.ts'
import { bitstringOf, createStatusBits, digestStatusBits, flipPositions, readStatus, statusNumber, statusValue, STATUS_LIST_SIZE, writeStatus, type BitsPerStatus } from '../../../agent/status/status-bits.ts'
import { createStatusListToken, unpackStatusList, verifyStatusListToken, type CreateStatusListTokenOptions } from '../../../agent/status/token-status-list.ts'
import { deltaPosition } from '../../../agent/status/delta.ts'
import vectors from '../../vectors/status-lists.json' with { type: 'json' }
import { expectCode } from '../expect-code.ts'
import { createHolder, NOW } from '../porto.ts'

const URI = 'https://card.porto.example/status/1'
const issuer = createHolder()
const verify = (_: object, input: string, signature: string): boolean | Promise<boolean> => nativeCryptoSuite.verifyEs256(issuer.publicJwk, input, signature)

describe('status bits', () => {
  it('read as in the examples of the specification', async () => {
    for (const { bits, lst, bytes, statuses } of [vectors.oneBit, vectors.twoBits]) {
      const list = await unpackStatusList({ bits, lst })
      expect(Buffer.from(list.bytes).toString('hex')).to.equal(bytes)
      expect(statuses.map((_, index) => readStatus(list.bytes, index, list.bits))).to.deep.equal(statuses)
    }
  })

  it('read as in the long example of the specification', async () => {
    const { statuses, size, ...packed } = vectors.twoBitsLong
    const { bytes, bits } = await unpackStatusList(packed)
    expect(bytes).to.have.length(size * bits / 8)
    const expected = createStatusBits(size)
    for (const [index, status] of Object.entries(statuses)) {
      expect(readStatus(bytes, Number(index))).to.equal(status)
      writeStatus(expected, Number(index), status)
    }
    expect(bytes).to.deep.equal(expected)
  })

  it('keep each entry to itself, in every width', () => {
    fc.assert(fc.property(fc.constantFrom<BitsPerStatus>(1, 2, 4, 8), fc.array(fc.tuple(fc.nat(31), fc.nat(255))), (bits, writes) => {
      const bytes = new Uint8Array(32 * bits / 8)
      const expected = new Array<number>(32).fill(0)
      for (const [index, number] of writes) {
        writeStatus(bytes, index, number % 2 ** bits, bits)
        expected[index] = number % 2 ** bits
      }
      expect(expected.map((_, index) => readStatus(bytes, index, bits))).to.deep.equal(expected)
    }))
  })

  it('are numbered as deltas number them', () => {
    const bytes = createStatusBits(64)
    flipPositions(bytes, [deltaPosition(3, 0), deltaPosition(5, 1), deltaPosition(63, 0)])
    expect([readStatus(bytes, 3), readStatus(bytes, 5), readStatus(bytes, 63), readStatus(bytes, 4)]).to.deep.equal([1, 2, 1, 0])
    flipPositions(bytes, [deltaPosition(3, 0), deltaPosition(5, 1), deltaPosition(63, 0)])
    expect(bytes).to.deep.equal(createStatusBits(64))
  })

  it('show the same in both faces', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const [revoked, suspended] = [bitstringOf(bytes, 0), bitstringOf(bytes, 1)]
      for (let index = 0; index < 64; index++) {
        expect(Number(readBit(revoked, index)) + 2 * Number(readBit(suspended, index))).to.equal(readStatus(bytes, index))
      }
    }))
  })

  it('have the digest that the chain keeps', async () => {
    const bytes = createStatusBits()
    expect(bytes).to.have.length(262_144)
    expect(Buffer.from(await digestStatusBits(bytes))).to.deep.equal(createHash('sha256').update(bytes).digest())
  })

  it('refuse an index that is not in the list', async () => {
    const bytes = createStatusBits(8)
    for (const index of [-1, 8, 1.5, NaN, 2 ** 53]) {
      await expectCode('ERR_STATUS_INDEX_OUT_OF_RANGE', () => readStatus(bytes, index))
      await expectCode('ERR_STATUS_INDEX_OUT_OF_RANGE', () => writeStatus(bytes, index, 1))
      await expectCode('ERR_STATUS_INDEX_OUT_OF_RANGE', () => readBit(new Uint8Array(1), index))
    }
    await expectCode('ERR_STATUS_INDEX_OUT_OF_RANGE', () => flipPositions(bytes, [16]))
  })

  it('have the values of the registry', () => {
    expect([0, 1, 2, 3].map(statusValue)).to.deep.equal(['valid', 'invalid', 'suspended', undefined])
    expect((['valid', 'invalid', 'suspended'] as const).map(statusNumber)).to.deep.equal([0, 1, 2])
  })
})

describe('token status list', () => {
  const statusBits = createStatusBits()
  writeStatus(statusBits, 123_456, 1)
  writeStatus(statusBits, 654_321, 2)

  const create = (change: Partial<CreateStatusListTokenOptions> = {}): Promise<string> => createStatusListToken({
    uri: URI, statusBits, issuedAtSeconds: NOW, expiresAtSeconds: NOW + 60, ttlSeconds: 30, header: { kid: 'k' }, sign: issuer.sign, ...change,
  })

  for (const compress of [compressWithStream, compressNatively]) {
    it(`is read back as it was written (${compress === compressNatively ? 'native' : 'Web'} compression)`, async () => {
      const token = await create({ compress })
      expect(JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString())).to.deep.equal({ alg: 'ES256', typ: 'statuslist+jwt', kid: 'k' })
      const list = await verifyStatusListToken(token, { uri: URI, nowSeconds: NOW, verify })
      expect(list).to.deep.include({ bits: 2, issuedAtSeconds: NOW, expiresAtSeconds: NOW + 60, ttlSeconds: 30 })
      expect(list.bytes).to.deep.equal(new Uint8Array(statusBits))
      expect(token.length).to.be.below(2_000)
    })
  }

  it('of the specification is accepted, with the key it was signed with', async () => {
    const { jwt, publicJwk, uri, iat, exp, ttl } = vectors.token
    const list = await verifyStatusListToken(jwt, {
      uri, nowSeconds: iat + 1, verify: (_header, input, signature) => nativeCryptoSuite.verifyEs256(publicJwk as EcPublicJwk, input, signature),
    })
    expect(list).to.deep.include({ bits: 1, issuedAtSeconds: iat, expiresAtSeconds: exp, ttlSeconds: ttl })
    expect(Buffer.from(list.bytes).toString('hex')).to.equal(vectors.oneBit.bytes)
  })

  it('is refused when it is about another list, old, ahead of time, or signed by another', async () => {
    const token = await create()
    const check = (change: object): Promise<unknown> => verifyStatusListToken(token, { uri: URI, nowSeconds: NOW, verify, ...change })
    for (const change of [{ uri: `${URI}/x` }, { nowSeconds: NOW + 60 }, { nowSeconds: NOW - 61 }, { verify: () => false }]) {
      await expectCode('ERR_STATUS_LIST_INVALID', () => check(change))
    }
    await expectCode('ERR_STATUS_LIST_INVALID', async () => verifyStatusListToken(await create({ ttlSeconds: 0 }), { uri: URI, nowSeconds: NOW, verify }))
  })

  it('is taken with its type in other letters or in full, as media types are, but not with another type', async () => {
    const known = { alg: 'ES256', kid: 'k' }
    const payload = (await create()).split('.')[1]
    const check = async (header: object): Promise<unknown> => {
      const input = `${Buffer.from(JSON.stringify({ ...known, ...header })).toString('base64url')}.${payload}`
      return verifyStatusListToken(`${input}.${issuer.sign(input)}`, { uri: URI, nowSeconds: NOW, verify })
    }
    await check({ typ: 'application/StatusList+JWT' })
    for (const header of [{ typ: 'JWT' }, {}, { typ: 'statuslist+jwt', crit: ['x'] }]) await expectCode('ERR_STATUS_LIST_INVALID', () => check(header))
  })

  it('cannot be a bomb', async () => {
    const lst = deflateSync(Buffer.alloc(50 * 1024 * 1024)).toString('base64url')
    await expectCode('ERR_STATUS_LIST_TOO_LARGE', () => unpackStatusList({ bits: 2, lst }))
    await expectCode('ERR_STATUS_LIST_TOO_LARGE', () => decompressBounded(gzipSync(Buffer.alloc(1_001)), 'gzip', 1_000))
    expect(await decompressBounded(gzipSync(Buffer.alloc(1_000)), 'gzip', 1_000)).to.have.length(1_000)
  })

  it('answers lists that are none with its own error', async () => {
    for (const value of [undefined, {}, { bits: 3, lst: '' }, { bits: 1 }, { bits: 1, lst: 'AAAA' }, { bits: 1, lst: `${vectors.oneBit.lst}AAAA` }, { bits: 1, lst: 'eNrbuRg' }]) {
      await expectCode('ERR_STATUS_LIST_INVALID', () => unpackStatusList(value))
    }
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
      try {
        await unpackStatusList({ bits: 1, lst: Buffer.from(bytes).toString('base64url') })
      } catch (error) {
        expect(error).to.be.instanceOf(AgentError)
      }
    }))
  })
})

describe('bitstring status list', () => {
  const statusBits = createStatusBits()
  writeStatus(statusBits, 123_456, 1)
  writeStatus(statusBits, 654_321, 2)

  const create = (purpose: 'revocation' | 'suspension'): Promise<string> => createBitstringStatusList({
    url: `${URI}/${purpose}`, issuerDid: 'did:web:card.porto.example', purpose, statusBits, validFromSeconds: NOW, validUntilSeconds: NOW + 60,
    header: { kid: 'did:web:card.porto.example#k' }, sign: issuer.sign, compress: compressNatively,
  })

  it('tells revocation and suspension apart', async () => {
    for (const [purpose, set, clear] of [['revocation', 123_456, 654_321], ['suspension', 654_321, 123_456]] as const) {
      const bitstring = await verifyBitstringStatusList(await create(purpose), { url: `${URI}/${purpose}`, purpose, nowSeconds: NOW, verify })
      expect(bitstring).to.have.length(STATUS_LIST_SIZE / 8)
      expect([readBit(bitstring, set), readBit(bitstring, clear)]).to.deep.equal([true, false])
    }
  })

  it('is a VCDM 2.0 credential secured as vc+jwt', async () => {
    const [header, payload] = (await create('revocation')).split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>)
    expect(header).to.deep.equal({ alg: 'ES256', typ: 'vc+jwt', cty: 'vc', kid: 'did:web:card.porto.example#k' })
    const { credentialSubject, ...rest } = payload as { credentialSubject: Record<string, unknown> }
    expect(rest).to.deep.equal({
      '@context': ['https://www.w3.org/ns/credentials/v2'],
      id: `${URI}/revocation`,
      type: ['VerifiableCredential', 'BitstringStatusListCredential'],
      issuer: 'did:web:card.porto.example',
      validFrom: '2026-05-20T12:00:00Z',
      validUntil: '2026-05-20T12:01:00Z',
    })
    expect(credentialSubject).to.include({ id: `${URI}/revocation#list`, type: 'BitstringStatusList', statusPurpose: 'revocation' })
  })

  it('of the specification is read', async () => {
    const { encodedList, bytes } = vectors.bitstring
    const bitstring = await decodeBitstring(encodedList)
    expect(bitstring).to.deep.equal(new Uint8Array(bytes))
    expect(await decodeBitstring(await encodeBitstring(bitstring))).to.deep.equal(bitstring)
  })

  it('is refused when it is another, old, ahead of time, or signed by another', async () => {
    const list = await create('revocation')
    const check = (change: object): Promise<unknown> => verifyBitstringStatusList(list, { url: `${URI}/revocation`, purpose: 'revocation', nowSeconds: NOW, verify, ...change })
    await check({})
    for (const change of [{ url: URI }, { purpose: 'suspension' }, { nowSeconds: NOW + 60 }, { nowSeconds: NOW - 61 }, { verify: () => false }]) {
      await expectCode('ERR_STATUS_LIST_INVALID', () => check(change))
    }
  })

  it('is refused when it is too short for a crowd, a bomb, or none', async () => {
    await expectCode('ERR_STATUS_LIST_INVALID', () => decodeBitstring(`u${gzipSync(Buffer.alloc(16_383)).toString('base64url')}`))
    await expectCode('ERR_STATUS_LIST_TOO_LARGE', () => decodeBitstring(`u${gzipSync(Buffer.alloc(50 * 1024 * 1024)).toString('base64url')}`))
    for (const text of ['', 'z123', 'u***', 'uAAAA']) await expectCode('ERR_STATUS_LIST_INVALID', () => decodeBitstring(text))
  })

  it('is named in a card at the same index for both purposes', () => {
    expect(bitstringStatusEntries(URI, 7)).to.deep.equal(['revocation', 'suspension'].map((purpose) => ({
      id: `${URI}/${purpose}#7`, type: 'BitstringStatusListEntry', statusPurpose: purpose, statusListIndex: '7', statusListCredential: `${URI}/${purpose}`,
    })))
  })
})
