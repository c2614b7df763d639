import { createHash } from 'node:crypto'
import { unknowable, type AnswerObject, type CountedAt } from './answers.ts'
import { compareAnswer, type Comparison } from './compare.ts'
import { attributesOf, issuersOf, listAnswer, statementsOf, type CountedAttribute, type Publisher } from './dialects.ts'
import type { Ledger } from './ledger.ts'
import type { Service } from './published.ts'
import { membersOf } from './record.ts'
import { isCertified, readJws, type Signers } from './signatures.ts'
import { storyAnswer } from './story.ts'

export interface DialectOptions {
  readonly service: Service
  readonly ledger: Ledger
  /** As of the block and its time: nothing in the answers depends on when they are asked for. */
  readonly at: CountedAt
  readonly publisher: Publisher
  readonly signers: Signers
}

type Content = Readonly<Record<string, unknown>>

export const listPath = '/trust-lists/city-card-issuers.jwt'
const registry = '/trusted-issuers-registry/v5/issuers'

/** Asks for what the chain says in every dialect, as of a block, and holds it against what was counted. */
export async function compareDialects(options: DialectOptions): Promise<ReadonlyMap<string, Comparison>> {
  return new Map([
    ['trust/cities/… as of the block', await compareStories(options)],
    ['list of trusted entities as of the block', compareList(await options.service.text(`${listPath}?block=${options.at.number}`), options, false)],
    ['trusted issuers registry', await compareIssuers(options)],
    ['authority statements (TRQP)', await compareStatements(options)],
  ])
}

async function compareStories({ service, ledger, at }: DialectOptions): Promise<Comparison> {
  const parts: Comparison[] = []
  for (const member of membersOf(ledger)) {
    const path = `/v1/trust/cities/${encodeURIComponent(member.city.city)}?block=${at.number}`
    parts.push(compareAnswer(path.slice('/v1/'.length), storyAnswer(ledger, member, at), await service.page(path)))
  }
  return sumOf(parts)
}

/** A signed list: its content, and whose signature and certificate it has. */
export function compareList(token: string, { ledger, at, publisher, signers }: Omit<DialectOptions, 'service'>, ofPresent: boolean): Comparison {
  const where = ofPresent ? 'trust-lists' : `trust-lists?block=${at.number}`
  const read = readJws(token, signers)
  const faults = [read.fault, isCertified(read, signers) ? undefined : 'has a certificate of another key'].flatMap((fault) => fault ?? [])
  const { cells, differences } = compareAnswer(where, listAnswer(ledger, at, publisher, ofPresent), read.payload)
  return { rows: 1, cells: cells + 2, differences: [...faults.map((fault) => `${where}: ${fault}`), ...differences] }
}

async function compareIssuers(options: DialectOptions): Promise<Comparison> {
  const { service, ledger, at, publisher } = options
  const issuers = issuersOf(ledger)
  const listed = await pagesOf(service, registry, `block=${at.number}`)
  const parts = [compareAnswer('trusted-issuers-registry', { issuers: issuers.map(({ city }) => city.did) }, { issuers: listed.map((item) => item['did']) })]
  for (const member of issuers) {
    const { did } = member.city
    const url = `${registry}/${encodeURIComponent(did)}`
    const counted = attributesOf(member, at.atSeconds, publisher)
    const ids = (await pagesOf(service, `${url}/attributes`, `block=${at.number}`)).map((item) => item['id'])
    const issuer = await service.page(`${url}?version=deprecated&block=${at.number}`)
    const where = `trusted-issuers-registry ${did}`
    parts.push(compareAnswer(`${where} attributes`, { ids: counted.map(({ id }) => id) }, { ids }))
    parts.push(compareProofs(where, { did, attributes: counted.map((one) => one.revisions.at(-1)) }, issuer, options))
    for (const { id, revisions } of counted) {
      const found = await pagesOf(service, `${url}/attributes/${id}/revisions`, `version=deprecated&block=${at.number}`)
      parts.push(compareProofs(`${where} revisions of ${id}`, { did, attributes: revisions }, { did, attributes: found }, options))
    }
  }
  return sumOf(parts)
}

interface CountedProofs {
  readonly did: string
  readonly attributes: readonly (CountedAttribute['revisions'][number] | undefined)[]
}

/** What stands around each proof, what the proof says, and whose signature it has. */
function compareProofs(where: string, { did, attributes }: CountedProofs, published: Content, { publisher, signers }: DialectOptions): Comparison {
  const proofs = attributes.map((one): AnswerObject => ({
    issuerType: one?.issuerType, tao: publisher.authority, rootTao: publisher.authority, isSigned: true, isHashed: true, proof: one?.proof,
  }))
  const list = Array.isArray(published['attributes']) ? published['attributes'] as Content[] : []
  return compareAnswer(where, { did, attributes: proofs }, {
    ...published,
    attributes: list.map(({ hash, body, ...around }) => {
      const { payload, fault } = readJws(body, signers)
      return { ...around, isSigned: fault === undefined, isHashed: hash === hashOf(body), proof: payload }
    }),
  })
}

async function compareStatements({ service, ledger, at, publisher }: DialectOptions): Promise<Comparison> {
  const parts: Comparison[] = []
  const context = { block: String(at.number) }
  for (const { kind, query, granted } of statementsOf(ledger, at.atSeconds, publisher.authority)) {
    const answer = await service.ask(`/trqp/${kind}`, { ...query, context })
    // Why, and when it was asked, is said in words and by the service's clock.
    const counted: AnswerObject = { ...query, context, message: unknowable, time_evaluated: unknowable, [kind === 'authorization' ? 'authorized' : 'recognized']: granted }
    parts.push(compareAnswer(`trqp/${kind} ${query.entity_id} by ${query.authority_id}`, counted, answer))
  }
  return sumOf(parts)
}

/** All items of a paged list. */
async function pagesOf(service: Service, path: string, query: string): Promise<readonly Content[]> {
  const items: Content[] = []
  for (let page = 1; ; page += 1) {
    const { items: some, total } = await service.page(`${path}?${query}&page[after]=${page}&page[size]=50`)
    if (!Array.isArray(some)) return items
    items.push(...some as Content[])
    if (some.length === 0 || items.length >= Number(total)) return items
  }
}

function sumOf(parts: readonly Comparison[]): Comparison {
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0), cells: parts.reduce((sum, { cells }) => sum + cells, 0), differences: parts.flatMap(({ differences }) => differences),
  }
}

function hashOf(body: unknown): string {
  return createHash('sha256').update(String(body)).digest('hex')
}
