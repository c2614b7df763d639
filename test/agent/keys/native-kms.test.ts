import { constants, createPublicKey, publicEncrypt, verify } from 'node:crypto'
import { expect } from 'chai'
import { recoverAddress, Transaction, verifyMessage, verifyTypedData } from 'ethers'
import type { KeyType } from '../../../agent/keys/key-store.ts'
import { NativeKms } from '../../../agent/keys/native-kms.ts'
import { createMemoryKeyStore, type MemoryKeyStore } from '../../fakes/memory-key-store.ts'
import { expectCode } from '../expect-code.ts'

const KEK = new Uint8Array(32).fill(1)
const TYPES: readonly KeyType[] = ['Secp256r1', 'Ed25519', 'Secp256k1', 'RSA-2048']

describe('native key management', () => {
  let store: MemoryKeyStore
  let kms: NativeKms

  beforeEach(() => {
    store = createMemoryKeyStore()
    kms = new NativeKms(store, KEK)
  })

  it('names keys by their RFC 7638 thumbprint', async () => {
    // The key and thumbprint of RFC 7638 §3.1; the library knows the private half of no published key, so the store does not either.
    const { jwkThumbprint } = await import('../../../agent/keys/key-material.ts')
    const n = '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn6'
      + '4tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbI'
      + 'SD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
    expect(jwkThumbprint({ kty: 'RSA', n, e: 'AQAB' })).to.equal('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
    const key = await kms.createKey({ type: 'Secp256r1' })
    expect(key.kid).to.equal(jwkThumbprint(key.publicJwk))
  })

  for (const type of TYPES) {
    it(`keeps a ${type} key sealed, and finds it again after a restart`, async () => {
      const { kid } = await kms.createKey({ type, kid: `my ${type}`, meta: { purpose: 'test' } })
      expect(kid).to.equal(`my ${type}`)
      const before = await kms.sign({ keyRef: { kid }, data: new Uint8Array(type === 'RSA-2048' ? 256 : 32).fill(3) })
      const after = await new NativeKms(store, KEK).sign({ keyRef: { kid }, data: new Uint8Array(type === 'RSA-2048' ? 256 : 32).fill(3) })
      if (type === 'Ed25519' || type === 'RSA-2048') expect(after).to.equal(before)
      expect((await kms.getKey(kid)).meta).to.include({ purpose: 'test' })
      expect((await kms.listKeys()).map((key) => key.kid)).to.deep.equal([kid])
    })

    it(`does not open a ${type} key with another key-encryption key`, async () => {
      const { kid } = await kms.createKey({ type })
      await expectCode('ERR_KEY_UNREADABLE', () => new NativeKms(store, new Uint8Array(32).fill(2)).sign({ keyRef: { kid }, data: new Uint8Array(256) }))
    })
  }

  it('does not open a sealed key that was moved to another row or changed', async () => {
    const one = await kms.createKey({ type: 'Secp256r1' })
    const two = await kms.createKey({ type: 'Secp256r1' })
    const [first, second] = [store.rows.get(one.kid)!, store.rows.get(two.kid)!]
    store.rows.set(one.kid, { ...first, sealedPrivateKey: second.sealedPrivateKey })
    await expectCode('ERR_KEY_UNREADABLE', () => new NativeKms(store, KEK).signJws(one.kid, 'x'))
    for (const at of [0, 5, 20, first.sealedPrivateKey.length - 1]) {
      const changed = Uint8Array.from(first.sealedPrivateKey)
      changed[at] = (changed[at] as number) ^ 1
      store.rows.set(one.kid, { ...first, sealedPrivateKey: changed })
      await expectCode('ERR_KEY_UNREADABLE', () => new NativeKms(store, KEK).signJws(one.kid, 'x'))
    }
    for (const change of [{ type: 'Secp256k1' as const }, { publicKeyHex: second.publicKeyHex }]) {
      store.rows.set(one.kid, { ...first, ...change })
      await expectCode('ERR_KEY_UNREADABLE', () => new NativeKms(store, KEK).signJws(one.kid, 'x'))
    }
    store.rows.set('renamed', { ...first, kid: 'renamed' })
    await expectCode('ERR_KEY_UNREADABLE', () => new NativeKms(store, KEK).signJws('renamed', 'x'))
    store.rows.set(one.kid, { ...first, sealedPrivateKey: new Uint8Array(10).fill(1) })
    await expectCode('ERR_KEY_UNREADABLE', () => new NativeKms(store, KEK).signJws(one.kid, 'x'))
  })

  it('never writes a private key in the clear', async () => {
    const secret = '11'.repeat(32)
    const { kid } = await kms.importKey({ type: 'Secp256k1', privateKeyHex: secret })
    const row = store.rows.get(kid)!
    expect(Buffer.from(row.sealedPrivateKey).toString('hex')).not.to.include(secret)
    expect(JSON.stringify({ ...row, sealedPrivateKey: '' })).not.to.include(secret)
    expect(JSON.stringify(await kms.getKey(kid))).not.to.match(/private|sealed|"d"/i)
  })

  it('makes no two sealed keys alike', async () => {
    const privateKeyHex = '22'.repeat(32)
    await kms.importKey({ type: 'Secp256r1', privateKeyHex, kid: 'a' })
    await kms.importKey({ type: 'Secp256r1', privateKeyHex, kid: 'b' })
    expect(store.rows.get('a')!.sealedPrivateKey).not.to.deep.equal(store.rows.get('b')!.sealedPrivateKey)
  })

  it('signs JWS inputs with the algorithm of the key', async () => {
    for (const [type, algorithm, digest] of [['Secp256r1', 'ES256', 'sha256'], ['Secp256k1', 'ES256K', 'sha256'], ['Ed25519', 'EdDSA', null]] as const) {
      const { kid, publicJwk } = await kms.createKey({ type })
      const key = createPublicKey({ key: publicJwk, format: 'jwk' })
      for (const signature of [await kms.signJws(kid, 'a.b'), await kms.sign({ keyRef: { kid }, algorithm, data: Buffer.from('a.b') })]) {
        expect(verify(digest, Buffer.from('a.b'), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).to.equal(true)
      }
    }
  })

  it('does the bare RSA private operation', async () => {
    const { kid, publicJwk } = await kms.createKey({ type: 'RSA-2048' })
    const message = new Uint8Array(256).fill(9)
    message[0] = 0x7f
    const signature = await kms.rsaRaw(kid, message)
    const key = createPublicKey({ key: publicJwk, format: 'jwk' })
    expect(new Uint8Array(publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, signature))).to.deep.equal(message)
    expect(Buffer.from(await kms.sign({ keyRef: { kid }, algorithm: 'RSA_RAW', data: message }), 'base64url')).to.deep.equal(Buffer.from(signature))
  })

  it('refuses an RSA message that is too short, too long or not below the modulus', async () => {
    const { kid } = await kms.createKey({ type: 'RSA-2048' })
    for (const message of [new Uint8Array(255), new Uint8Array(257), new Uint8Array(256).fill(0xff)]) {
      await expectCode('ERR_SIGNING_INPUT_INVALID', () => kms.rsaRaw(kid, message))
    }
  })

  it('signs Ethereum digests, messages, typed data and transactions so that the signer is recovered', async () => {
    const { kid } = await kms.createKey({ type: 'Secp256k1' })
    const address = await kms.addressOf(kid)
    const digest = `0x${'ab'.repeat(32)}`
    expect(recoverAddress(digest, await kms.signDigest(kid, digest))).to.equal(address)
    expect(verifyMessage('hello', await kms.sign({ keyRef: { kid }, algorithm: 'eth_signMessage', data: Buffer.from('hello') }))).to.equal(address)

    const domain = { name: 'Symbolon', version: '1', chainId: 7411 }
    const types = { Redeem: [{ name: 'order', type: 'bytes32' }] }
    const message = { order: digest }
    const data = Buffer.from(JSON.stringify({ domain, types, message }))
    expect(verifyTypedData(domain, types, message, await kms.sign({ keyRef: { kid }, algorithm: 'eth_signTypedData', data }))).to.equal(address)

    const transaction = { type: 2, chainId: 7411, nonce: 3, to: `0x${'12'.repeat(20)}`, value: 5n, gasLimit: 21_000n, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n }
    const sent = Transaction.from(await kms.signTransaction(kid, transaction))
    expect(sent.from).to.equal(address)
    expect([sent.nonce, sent.value, sent.chainId]).to.deep.equal([3, 5n, 7411n])
    const unsigned = Buffer.from(Transaction.from(transaction).unsignedSerialized.slice(2), 'hex')
    expect(Transaction.from(await kms.sign({ keyRef: { kid }, algorithm: 'eth_signTransaction', data: unsigned })).from).to.equal(address)
  })

  it('makes the address that Ethereum makes of a known key', async () => {
    // The first account of the well-known development mnemonic "test test … junk".
    await kms.importKey({ type: 'Secp256k1', kid: 'dev', privateKeyHex: '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80' })
    expect(await kms.addressOf('dev')).to.equal('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')
  })

  it('agrees on a secret with another key on the same curve', async () => {
    for (const type of ['Secp256r1', 'Secp256k1'] as const) {
      const [one, two] = [await kms.createKey({ type }), await kms.createKey({ type })]
      const secret = await kms.sharedSecret({ myKeyRef: one, theirKey: two })
      expect(secret).to.match(/^[0-9a-f]{64}$/)
      expect(await kms.sharedSecret({ myKeyRef: two, theirKey: one })).to.equal(secret)
    }
    const [one, two] = [await kms.createKey({ type: 'Ed25519' }), await kms.createKey({ type: 'Ed25519' })]
    await expectCode('ERR_KEY_ALGORITHM_UNSUPPORTED', () => kms.sharedSecret({ myKeyRef: one, theirKey: two }))
  })

  it('refuses what a key cannot do', async () => {
    const p256 = await kms.createKey({ type: 'Secp256r1' })
    const rsa = await kms.createKey({ type: 'RSA-2048' })
    const ethereum = await kms.createKey({ type: 'Secp256k1' })
    await expectCode('ERR_KEY_ALGORITHM_UNSUPPORTED', () => kms.signJws(rsa.kid, 'x'))
    await expectCode('ERR_KEY_ALGORITHM_UNSUPPORTED', () => kms.rsaRaw(p256.kid, new Uint8Array(256)))
    await expectCode('ERR_KEY_ALGORITHM_UNSUPPORTED', () => kms.addressOf(p256.kid))
    await expectCode('ERR_KEY_ALGORITHM_UNSUPPORTED', () => kms.signDigest(p256.kid, new Uint8Array(32)))
    await expectCode('ERR_KEY_ALGORITHM_UNSUPPORTED', () => kms.cryptoKeyOf(ethereum.kid))
    await expectCode('ERR_KEY_ALGORITHM_UNSUPPORTED', () => kms.sign({ keyRef: p256, algorithm: 'ES256K', data: new Uint8Array(1) }))
    await expectCode('ERR_SIGNING_INPUT_INVALID', () => kms.signDigest(ethereum.kid, new Uint8Array(31)))
    await expectCode('ERR_SIGNING_INPUT_INVALID', () => kms.sign({ keyRef: ethereum, algorithm: 'eth_signTypedData', data: Buffer.from('no') }))
    await expectCode('ERR_SIGNING_INPUT_INVALID', () => kms.sign({ keyRef: ethereum, algorithm: 'eth_signTransaction', data: Buffer.from('no') }))
  })

  it('refuses unknown keys, kinds of key, and a kid that is taken', async () => {
    await kms.createKey({ type: 'Ed25519', kid: 'taken' })
    await expectCode('ERR_KEY_EXISTS', () => kms.createKey({ type: 'Ed25519', kid: 'taken' }))
    await expectCode('ERR_KEY_NOT_FOUND', () => kms.signJws('nobody', 'x'))
    await expectCode('ERR_KEY_NOT_FOUND', () => kms.getKey('nobody'))
    await expectCode('ERR_KEY_TYPE_UNSUPPORTED', () => kms.createKey({ type: 'X25519' }))
    await expectCode('ERR_KEY_UNREADABLE', () => kms.importKey({ type: 'Secp256r1', privateKeyHex: '00'.repeat(32) }))
    expect(() => new NativeKms(store, new Uint8Array(16))).to.throw().with.property('code', 'ERR_KEY_ENCRYPTION_KEY_INVALID')
  })

  it('signs no more with a deleted key', async () => {
    const { kid } = await kms.createKey({ type: 'Secp256r1' })
    await kms.signJws(kid, 'x')
    expect(await kms.deleteKey({ kid })).to.equal(true)
    await expectCode('ERR_KEY_NOT_FOUND', () => kms.signJws(kid, 'x'))
    expect(await kms.deleteKey({ kid })).to.equal(false)
  })

  it('imports raw keys of every kind', async () => {
    const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
    const { publicKeyHex } = await kms.importKey({ type: 'Ed25519', privateKeyHex: seed })
    // RFC 8032 §7.1, test 1.
    expect(publicKeyHex).to.equal('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
    // RFC 6979 §A.2.5: the P-256 key of its examples.
    const p256 = await kms.importKey({ type: 'Secp256r1', privateKeyHex: 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721' })
    expect(p256.publicKeyHex).to.equal('0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299')
  })
})
