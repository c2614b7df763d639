import { expect } from 'chai'
import { getBytes, hexlify, Signature, Wallet } from 'ethers'
import {
  call, createFederation, createNote, createNoteKey, createProgram, fullDomainHash, porto, random32, refusal, rsaRaw, signRedemption,
  type Federation, type NoteKey, type Redemption,
} from './federation.ts'

describe('RewardPrograms.redeem with notes signed by a real RSA key', () => {
  let federation: Federation
  let keys: Map<number, NoteKey>
  let program: string
  let redemption: Redemption
  let until: number

  before(async () => {
    federation = await createFederation()
    keys = new Map([[1, createNoteKey()], [2, createNoteKey()], [1024, createNoteKey()]])
    const created = await createProgram(federation, keys, 5000)
    program = created.program
    until = created.until
    redemption = { program, merchant: await federation.merchant.getAddress(), order: random32(), deadline: until }
  })

  const keyOf = (value: number): NoteKey => keys.get(value) as NoteKey
  const argumentsOf = (notes: unknown[], change: Partial<Redemption> = {}): unknown[] => {
    const { program: id, merchant, order, deadline } = { ...redemption, ...change }
    return [id, merchant, order, deadline, notes]
  }
  const refused = async (notes: unknown[], change: Partial<Redemption> = {}) =>
    await refusal(federation.programs, federation.stranger, 'redeem', argumentsOf(notes, change))

  it('hashes an address to the same full domain as the description says, for moduli of 2048, 3072 and 4096 bits', async () => {
    for (const bits of [2048, 3072, 4096]) {
      const { modulus } = createNoteKey(bits)
      const { address } = Wallet.createRandom()
      const hash = await federation.programs.getFunction('fdh').staticCall(hexlify(modulus), address) as string
      expect(hash).to.equal(hexlify(fullDomainHash(modulus, address)))
    }
  })

  it('takes notes of different values from anyone and pays the merchant', async () => {
    const created = [
      await createNote(federation, keyOf(1), 1, redemption),
      await createNote(federation, keyOf(2), 2, redemption),
      await createNote(federation, keyOf(1024), 1024, redemption),
    ]
    const before = await balance()
    const receipt = await call(federation.programs, federation.stranger, 'redeem', argumentsOf(created.map(({ note }) => note)))
    expect(await balance() - before).to.equal(1027n)
    const event = receipt.logs.map((log) => federation.programs.interface.parseLog(log)).find((log) => log?.name === 'NotesRedeemed')
    expect(event?.args.units).to.equal(1027n)
    expect([...event?.args.notes as string[]]).to.deep.equal(created.map(({ owner }) => owner.address))
    for (const { owner } of created) {
      expect(await federation.programs.getFunction('isSpent').staticCall(program, owner.address)).to.equal(true)
    }
  })

  it('takes notes of longer keys', async () => {
    for (const bits of [3072, 4096]) {
      const key = createNoteKey(bits)
      const elsewhere = await createProgram(federation, new Map([[64, key]]), 64)
      const change = { ...redemption, program: elsewhere.program }
      const { note } = await createNote(federation, key, 64, change)
      expect(await refused([note], change)).to.equal(undefined)
      expect(await refused([{ ...note, rsaSignature: note.rsaSignature.slice(0, 514) }], change)).to.equal('RewardProgramsNoteInvalid')
    }
  })

  it('takes each note once, in one batch or in two', async () => {
    const { note } = await createNote(federation, keyOf(1), 1, redemption)
    expect(await refused([note, note])).to.equal('RewardProgramsNoteSpent')
    await call(federation.programs, federation.stranger, 'redeem', argumentsOf([note]))
    expect(await refused([note])).to.equal('RewardProgramsNoteSpent')
  })

  it('takes no note at a value it was not signed for', async () => {
    const { note } = await createNote(federation, keyOf(1), 1, redemption)
    expect(await refused([{ ...note, value: 2 }])).to.equal('RewardProgramsNoteInvalid')
    expect(await refused([{ ...note, value: 4 }])).to.equal('RewardProgramsUnknownDenomination')
  })

  it('takes no note for another merchant, order, deadline or programme than its owner signed', async () => {
    const { note } = await createNote(federation, keyOf(1), 1, redemption)
    const other = await federation.sponsor.getAddress()
    await call(federation.programs, federation.portoController, 'registerMerchant', [porto, other])
    const elsewhere = await createProgram(federation, new Map([[1, createNoteKey()]]), 10)
    for (const change of [{ merchant: other }, { order: random32() }, { deadline: until - 1 }, { program: elsewhere.program }]) {
      expect(await refused([note], change)).to.equal('RewardProgramsNoteInvalid')
    }
    expect(await refused([note])).to.equal(undefined)
  })

  it('takes no signature that was changed in a single bit, anywhere', async () => {
    const { note } = await createNote(federation, keyOf(1), 1, redemption)
    for (const position of [0, 7, 8, 1000, 2047]) {
      const bytes = getBytes(note.rsaSignature)
      const index = Math.floor(position / 8)
      bytes[index] = (bytes[index] ?? 0) ^ (0x80 >> position % 8)
      expect(await refused([{ ...note, rsaSignature: hexlify(bytes) }])).to.equal('RewardProgramsNoteInvalid')
    }
  })

  it('takes no signature of another length, of zero, or not below the modulus', async () => {
    const { note } = await createNote(federation, keyOf(1), 1, redemption)
    const { modulus } = keyOf(1)
    const signature = getBytes(note.rsaSignature)
    const forms = [
      new Uint8Array(), signature.slice(1), Uint8Array.from([...signature, 0]), Uint8Array.from([0, ...signature]),
      new Uint8Array(256), modulus, new Uint8Array(256).fill(0xff),
    ]
    for (const form of forms) expect(await refused([{ ...note, rsaSignature: hexlify(form) }])).to.equal('RewardProgramsNoteInvalid')
  })

  it('takes no second form of a signature (s + N), which has the same power', async () => {
    const { modulus } = keyOf(1)
    const order = BigInt(hexlify(modulus))
    for (;;) {
      const { note } = await createNote(federation, keyOf(1), 1, redemption)
      const second = BigInt(note.rsaSignature) + order
      if (second >= 1n << 2048n) continue
      const rsaSignature = `0x${second.toString(16).padStart(512, '0')}`
      expect(await refused([{ ...note, rsaSignature }])).to.equal('RewardProgramsNoteInvalid')
      expect(await refused([note])).to.equal(undefined)
      return
    }
  })

  it('takes no malleated owner signature, nor one of another length', async () => {
    const { note } = await createNote(federation, keyOf(1), 1, redemption)
    const { r, s, v } = Signature.from(note.ownerSignature)
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const high = `0x${(order - BigInt(s)).toString(16).padStart(64, '0')}`
    const flipped = `${r}${high.slice(2)}${v === 27 ? '1c' : '1b'}`
    expect(await refused([{ ...note, ownerSignature: flipped }])).to.equal('ECDSAInvalidSignatureS')
    const short = Signature.from(note.ownerSignature).compactSerialized
    expect(await refused([{ ...note, ownerSignature: short }])).to.equal('ECDSAInvalidSignatureLength')
    const wrongV = `${note.ownerSignature.slice(0, -2)}00`
    expect(await refused([{ ...note, ownerSignature: wrongV }])).to.equal('ECDSAInvalidSignature')
  })

  it('takes no note that the city signed without knowing the full-domain hash', async () => {
    const owner = Wallet.createRandom()
    const ownerSignature = await signRedemption(federation, owner, redemption)
    const padded = Buffer.concat([Buffer.alloc(236), Buffer.from(getBytes(owner.address))])
    const rsaSignature = hexlify(rsaRaw(keyOf(1), padded))
    expect(await refused([{ value: 1, rsaSignature, ownerSignature }])).to.equal('RewardProgramsNoteInvalid')
  })

  it('takes a note in the last second of its deadline and not in the next', async () => {
    const { ethers } = federation
    const now = (await ethers.provider.getBlock('latest'))?.timestamp ?? 0
    const change = { deadline: now + 100, order: random32() }
    const { note } = await createNote(federation, keyOf(1), 1, { ...redemption, ...change })
    const { note: late } = await createNote(federation, keyOf(1), 1, { ...redemption, ...change })
    await ethers.provider.send('evm_setNextBlockTimestamp', [now + 100])
    await call(federation.programs, federation.stranger, 'redeem', argumentsOf([note], change))
    await ethers.provider.send('evm_increaseTime', [1])
    await ethers.provider.send('evm_mine', [])
    expect(await refused([late], change)).to.equal('RewardProgramsDeadlinePassed')
  })

  const balance = async (): Promise<bigint> =>
    await federation.token.getFunction('balanceOf').staticCall(await federation.merchant.getAddress(), BigInt(program)) as bigint
})
