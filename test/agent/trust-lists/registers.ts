import { hash } from 'node:crypto'
import fc from 'fast-check'
import type { TrustRegister } from '../../../agent/trust-lists/trust-register.ts'
import type { DecodedEvent } from '../../../chain/indexer/event-log.ts'
import { applyTrustEvent, createTrustFold, toRegister } from '../../../chain/trust-fold.ts'
import type { ContractName } from '../../../chain/deployment.ts'

export const authority = 'did:pkh:eip155:7411:0x0000000000000000000000000000000000000001'
export const START = 1_700_000_000
const forEver = 2n ** 64n - 1n

export const someCities = [['PTOPO', 'Porto', 'porto'], ['FRCFE', 'Clermont-Ferrand', 'clermont'], ['ESBCN', 'Barcelona', 'barcelona']] as const
/** Points of P-256 written down once: nobody signs with them. */
export const someKeys = ['first', 'second', 'third'].map((name) => ({
  x: hash('sha256', `${name} x`, 'base64url'), y: hash('sha256', `${name} y`, 'base64url'),
}))
export const someTypes = ['https://porto.example/vct/city-card', 'https://clermont.example/vct/city-card', 'library card'] as const
/** Of a type of its own, so that nobody looks for it. */
const bytesOf = (text: string): string => `0x${Buffer.from(text, 'latin1').toString('hex')}`
const thumbprintOf = ({ x, y }: { readonly x: string; readonly y: string }): string => hash('sha256', `{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`, 'hex')
export const thumbprints = someKeys.map((key) => Buffer.from(thumbprintOf(key), 'hex').toString('base64url'))

/** Writes a history event by event, as the contracts would, and says what it adds up to. */
export class History {
  nowSeconds = START
  blockNumber = 100
  readonly #fold = createTrustFold()

  /** The next block is so many seconds later. */
  pass(seconds: number): this {
    this.nowSeconds += seconds
    return this
  }

  emit(contract: ContractName, event: string, args: Readonly<Record<string, unknown>>): this {
    this.blockNumber += 1
    const transactionHash = `0x${hash('sha256', `transaction ${this.blockNumber}`)}`
    const decoded = {
      contract, event, args, blockNumber: this.blockNumber, logIndex: 0, transactionHash, blockTimeSeconds: this.nowSeconds,
      address: '0x0000000000000000000000000000000000000002', topics: [], data: new Uint8Array(0),
    } satisfies DecodedEvent
    applyTrustEvent(this.#fold, decoded)
    return this
  }

  admit(city: number): this {
    const [locode, name, host] = someCities[city] ?? someCities[0]
    const account = `0x${String(city + 1).repeat(40)}`
    return this.emit('CityRegistry', 'CityAdmitted', {
      city: bytesOf(locode), name, did: `did:web:${host}.example`, controller: account, recovery: account, serviceUrl: `https://${host}.example`,
    })
  }

  city(event: string, city: number, args: Readonly<Record<string, unknown>> = {}): this {
    return this.emit('CityRegistry', event, { city: locodeOf(city), ...args })
  }

  activate(city: number): this {
    return this.city('CityActivated', city, { agreementHash: `0x${'11'.repeat(32)}`, dpiaHash: `0x${'22'.repeat(32)}` })
  }

  accredit(city: number, key: number, type: number, period: { from?: number; until?: number | bigint } = {}): this {
    const { x, y } = someKeys[key] ?? { x: '', y: '' }
    return this.emit('IssuerRegistry', 'IssuerAccredited', {
      ...issuer(city, key, type), x: hex(x), y: hex(y), credentialType: someTypes[type], validFrom: period.from ?? this.nowSeconds, validUntil: period.until ?? forEver,
    })
  }

  withdraw(city: number, key: number, type: number, untrustedFrom: number): this {
    return this.emit('IssuerRegistry', 'IssuerWithdrawn', { ...issuer(city, key, type), untrustedFrom })
  }

  recognise(recogniser: number, other: number, type: number, validUntil = START + 10_000_000): this {
    return this.emit('RecognitionRegistry', 'RecognitionGranted', { ...recognition(recogniser, other, type), credentialType: someTypes[type], benefitClasses: 3n, validUntil })
  }

  forgo(recogniser: number, other: number, type: number): this {
    return this.emit('RecognitionRegistry', 'RecognitionWithdrawn', recognition(recogniser, other, type))
  }

  register(atSeconds = this.nowSeconds): TrustRegister {
    const block = { number: this.blockNumber, hash: `0x${hash('sha256', `block ${this.blockNumber}`)}`, timestampSeconds: this.nowSeconds }
    return toRegister(createTrustFold(this.#fold), { authority, block, atSeconds })
  }
}

const locodeOf = (city: number): string => bytesOf((someCities[city] ?? someCities[0])[0])
const hex = (base64url: string): string => `0x${Buffer.from(base64url, 'base64url').toString('hex')}`
const typeIdOf = (type: number): string => `0x${hash('sha256', someTypes[type] ?? '')}`
const issuer = (city: number, key: number, type: number) => ({ city: locodeOf(city), thumbprint: hex(thumbprints[key] ?? ''), typeId: typeIdOf(type) })
const recognition = (recogniser: number, other: number, type: number) => ({ recogniser: locodeOf(recogniser), issuer: locodeOf(other), typeId: typeIdOf(type) })

/** Registers of three cities to which much has happened, as of a time at or after the last event. */
export function anyRegister(): fc.Arbitrary<TrustRegister> {
  const index = fc.integer({ min: 0, max: 2 })
  const step = fc.record({
    act: fc.constantFrom('suspend', 'reinstate', 'remove', 'accredit', 'withdraw', 'recognise', 'forgo'),
    a: index, b: index, c: index, wait: fc.integer({ min: 0, max: 2_000 }), span: fc.integer({ min: -3_000, max: 6_000 }),
  })
  return fc.tuple(fc.array(step, { maxLength: 24 }), fc.integer({ min: 0, max: 8_000 })).map(([steps, later]) => {
    const history = new History().admit(0).activate(0).pass(10).admit(1).activate(1).pass(10).admit(2)
    const done = new Set<string>()
    for (const { act, a, b, c, wait, span } of steps) {
      history.pass(wait)
      const once = (what: string): boolean => !done.has(what) && done.add(what) !== undefined
      if (act === 'suspend' && a < 2) history.city('CitySuspended', a, { reason: b + 1, until: history.nowSeconds + Math.abs(span) + 1 })
      if (act === 'reinstate') history.city('CityReinstated', a)
      if (act === 'remove' && a === 1 && once('removed')) history.city('CityRemoved', a)
      if (act === 'accredit' && once(`accredited ${a} ${b} ${c}`)) {
        history.accredit(a, b, c, { from: history.nowSeconds + span, ...(c === 0 ? {} : { until: history.nowSeconds + Math.abs(span) }) })
      }
      if (act === 'withdraw' && done.has(`accredited ${a} ${b} ${c}`)) history.withdraw(a, b, c, history.nowSeconds + span)
      if (act === 'recognise' && a !== b) history.recognise(a, b, c)
      if (act === 'forgo' && a !== b) history.forgo(a, b, c)
    }
    return history.register(history.nowSeconds + later)
  })
}
