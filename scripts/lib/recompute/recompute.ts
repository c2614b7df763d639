import { keccak256 } from 'ethers'
import {
  directoryAnswer, federationAnswer, memberAnswer, membersAnswer, netsAnswer, pausesAnswer, proposalAnswer, proposalsAnswer, type AnswerObject, type CountedAt,
} from './answers.ts'
import { compareDialects, compareList, listPath } from './compare-dialects.ts'
import { compareAnswer, compareRows, tableKeys, type Comparison } from './compare.ts'
import { authorityOf, type Publisher } from './dialects.ts'
import { trustParts, type DocumentPart } from './documents.ts'
import { figuresOf, type Figures } from './figures.ts'
import type { Ledger } from './ledger.ts'
import { Node, type Header } from './node.ts'
import type { RecomputeOptions } from './options.ts'
import { Service, type PublishedBlock, type PublishedIndex } from './published.ts'
import { readLedger } from './read-ledger.ts'
import { RecomputeError } from './recompute-error.ts'
import { membersOf } from './record.ts'
import { checkSignatures, keyIdOf, Signers } from './signatures.ts'
import { digestOf } from './status-bits.ts'
import { storyAnswer } from './story.ts'

export interface Reporter {
  /** One line of what is being done. */
  progress(line: string): void
  line(text: string): void
}

type Content = Readonly<Record<string, unknown>>

/** What the service says of the present alone. */
interface Present {
  readonly block: PublishedBlock
  /** When the first of the answers was asked for, and when the last one came. */
  readonly fromSeconds: number
  readonly atSeconds: number
  /** By path; empty when a block came in each time while it was read. */
  readonly answers: ReadonlyMap<string, Content>
  /** The signed list of trusted entities. */
  readonly list: string | undefined
}

const listPaths = ['/v1/trust', '/v1/federation', '/v1/federation/members', '/v1/federation/proposals', '/v1/federation/pauses', '/v1/federation/directory', '/v1/federation/nets']
const storyPath = '/v1/trust/cities/'
/** Lists whose items have pages of their own: where, which member, by what name, under which address. */
const ownPages = [
  ['/v1/federation/members', 'members', 'locode', '/v1/federation/members/'], ['/v1/federation/proposals', 'proposals', 'proposal_id', '/v1/federation/proposals/'],
  ['/v1/trust', 'cities', 'locode', storyPath],
] as const
const nothingRead = { fromSeconds: 0, atSeconds: 0, answers: new Map<string, Content>(), list: undefined } as const
const proposalPage = 200
/** How often the documents of the present are asked for again when a block came in between. */
const attempts = 25

/**
 * Counts everything again that a service publishes, from the events on the chain alone, and says what differs.
 *
 * @returns every difference, in words
 * @throws RecomputeError when it could not be found out
 */
export async function recompute(options: RecomputeOptions, report: Reporter): Promise<readonly string[]> {
  const node = new Node(options.rpcUrl, options.chunkBlocks)
  const service = new Service(options.serviceUrl)
  const index = await service.index()
  await requireSameChain(node, index, options)
  report.progress('Asking the service for what it publishes of the present')
  const present = options.block === undefined ? await readPresent(service, index) : { ...nothingRead, block: index.block }
  const number = options.block ?? present.block.number
  const block = await requireBlock(node, number, options.block === undefined ? present.block : undefined)

  const { ledger, events } = await readLedger({
    node, directory: options.directory, fromBlock: options.fromBlock, toBlock: number,
    onProgress: (at, count) => report.progress(`Reading the chain: block ${at} of ${number}, ${count} events`),
  })
  const times = new Map<number, number>()
  for (const { publishedBlock } of ledger.lists.values()) times.set(publishedBlock, (await node.header(publishedBlock)).timeSeconds)
  const countAt = (timeSeconds: number): Figures =>
    figuresOf(ledger, { block: { ...block, timeSeconds }, timeOf: (one) => times.get(one) ?? 0 })
  const figures = countAt(block.timeSeconds)

  report.line(`Chain ${index.chainId}, block ${number} (${block.hash})`)
  report.line(`${events} events of the contracts that the Directory at ${options.directory} names`)
  report.line('')
  report.line(`${'compared'.padEnd(44)}${'rows'.padStart(8)}${'cells'.padStart(10)}   differences`)
  const all: string[] = []
  const tell = (name: string, { rows, cells, differences }: Comparison): void => {
    all.push(...differences)
    report.line(`${name.padEnd(44)}${String(rows).padStart(8)}${String(cells).padStart(10)}   ${differences.length === 0 ? 'none' : differences.length}`)
  }

  const unknown = index.tables.filter(({ name }) => !figures.has(name)).map(({ name }) => name)
  if (unknown.length > 0) throw new RecomputeError(`The service publishes ${unknown.join(', ')}, which this script cannot count: use the version that belongs to the service.`)
  for (const [name, counted] of figures) {
    report.progress(`Comparing ${name}`)
    const key = tableKeys[name] ?? []
    if (!index.tables.some((table) => table.name === name)) {
      tell(`open-data/${name}`, { rows: counted.length, cells: 0, differences: [`open-data/${name}: is not published`] })
      continue
    }
    const { json, csv } = await service.table(name, number)
    tell(`open-data/${name}.json`, compareRows({ where: `open-data/${name}.json`, key, counted, published: json, isOrdered: true }))
    tell(`open-data/${name}.csv`, compareRows({ where: `open-data/${name}.csv`, key, counted, published: csv, isOrdered: true, isText: true }))
  }
  for (const part of trustParts(await read(service, `/v1/trust?block=${number}`), figures)) tell(`trust?block=${number} ${part.name}`, compareDocument(`trust?block=${number} ${part.name}`, part))
  // Who signs today may have been accredited after the block.
  const latest = options.block === undefined ? ledger : (await readLedger({ node, directory: options.directory, fromBlock: options.fromBlock, toBlock: index.block.number })).ledger
  const newest = options.block === undefined ? block : await node.header(index.block.number)
  const signers = new Signers(latest, Math.max(service.clockSeconds, newest.timeSeconds))
  const keyId = keyIdOf(service.signed.at(-1) ?? { headers: new Headers() })
  const publisher: Publisher = { authority: authorityOf(index.chainId, options.directory), did: keyId.split('#')[0] ?? '', locode: signers.find(keyId)?.locode }
  const atBlock: CountedAt = { number, hash: block.hash, blockSeconds: block.timeSeconds, atSeconds: block.timeSeconds }
  report.progress('Comparing the dialects of the registry')
  for (const [name, comparison] of await compareDialects({ service, ledger, at: atBlock, publisher, signers })) tell(name, comparison)

  // What depends on the time was true for the second in which the service answered, or the one before.
  const seconds = [present.atSeconds, present.atSeconds - 1].map((second) => Math.max(second, block.timeSeconds))
  const compared = new Map<string, Comparison>()
  for (const [path, content] of present.answers) {
    const story = path.startsWith(storyPath) ? toldAt(content, Math.max(present.fromSeconds, block.timeSeconds), Math.max(present.atSeconds, block.timeSeconds)) : undefined
    const [first, earlier] = seconds.map((second) => comparePresent(path, content, ledger, { ...atBlock, atSeconds: story ?? second }, () => countAt(second)))
    for (const [name, comparison] of first ?? []) {
      const before = earlier?.get(name)
      const best = before === undefined ? comparison : leastOf(comparison, before)
      const sum = compared.get(name) ?? { rows: 0, cells: 0, differences: [] }
      compared.set(name, { rows: sum.rows + best.rows, cells: sum.cells + best.cells, differences: [...sum.differences, ...best.differences] })
    }
  }
  for (const [name, comparison] of compared) tell(name, comparison)
  if (present.list !== undefined) {
    const [now, before] = seconds.map((second) => compareList(present.list ?? '', { ledger, at: { ...atBlock, atSeconds: second }, publisher, signers }, true))
    if (now !== undefined) tell('list of trusted entities', before === undefined ? now : leastOf(now, before))
  }
  tell('signatures', checkSignatures(service.signed, signers))
  if (signers.find(keyId)?.standing === 'suspended') report.line(`${publisher.locode ?? ''}, which answers, is suspended: nobody has to believe it.`)
  tell('sums, digests and code', await checkLedger(ledger, figures, node))
  if (present.answers.size === 0 && options.block === undefined) {
    report.line('The chain did not stand still for long enough to compare what the service says of the present alone.')
  }
  return all
}

async function requireSameChain(node: Node, index: PublishedIndex, { directory }: RecomputeOptions): Promise<void> {
  const chainId = await node.chainId()
  if (chainId !== index.chainId) throw new RecomputeError(`The node serves chain ${chainId}, the service publishes chain ${index.chainId}: check --rpc and --service.`)
  if (index.directory !== directory) throw new RecomputeError(`The service goes by the Directory at ${index.directory}, not by the one at ${directory}: check --directory.`)
  if ((await node.code(directory)) === '0x') throw new RecomputeError(`There is no contract at ${directory} on chain ${chainId}: check --directory and --rpc.`)
}

async function requireBlock(node: Node, number: number, published: PublishedBlock | undefined): Promise<Header> {
  const block = await node.header(number)
  if (published !== undefined && published.hash !== block.hash) {
    throw new RecomputeError(`Block ${number} is ${block.hash} at the node and ${published.hash} at the service: they follow different chains, or the chain has just gone back. Try again.`)
  }
  return block
}

async function read(service: Service, path: string): Promise<Content> {
  return (await service.json(path)).content as Content
}

/** Everything the service says of the present, page by page, as of one block: asked for again for as long as a block comes in between. */
async function readPresent(service: Service, index: PublishedIndex): Promise<Present> {
  let { block } = index
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const answers = new Map<string, Content>()
    const fromSeconds = service.clockSeconds - 1
    for (const path of listPaths) answers.set(path, path.endsWith('/proposals') ? await readProposals(service, path) : await read(service, path))
    for (const [list, member, name, pages] of ownPages) {
      for (const item of (answers.get(list)?.[member] ?? []) as readonly Content[]) {
        const path = `${pages}${String(item[name])}`
        answers.set(path, await service.page(path))
      }
    }
    const list = await service.text(listPath)
    const after = await service.index()
    if (after.block.hash === block.hash) return { block, answers, list, fromSeconds, atSeconds: service.clockSeconds }
    block = after.block
  }
  return { ...nothingRead, block }
}

/** Holds one answer against what was counted; a page of its own goes under the name of all pages of its kind. */
function comparePresent(path: string, content: Content, ledger: Ledger, at: CountedAt, figures: () => Figures): ReadonlyMap<string, Comparison> {
  const where = path.slice('/v1/'.length)
  if (path === '/v1/trust') {
    return new Map(trustParts(content, figures()).map((part) => [`${where} ${part.name}`, compareDocument(`${where} ${part.name}`, part)]))
  }
  const [, list = '', name = ''] = /^(.+\/(?:members|proposals|cities))\/(.+)$/.exec(where) ?? []
  if (list !== '') return new Map([[`${list}/…`, compareAnswer(where, answerOf(list, name, ledger, at), content)]])
  const expected = listAnswers[where]?.(ledger, at) ?? {}
  const isSorted = where === 'federation' && Array.isArray(content['contracts'])
  const byContract = (a: Content, b: Content): number => (String(a['name']) < String(b['name']) ? -1 : 1)
  const published: Content = isSorted ? { ...content, contracts: (content['contracts'] as Content[]).toSorted(byContract) } : content
  return new Map([...new Set([...Object.keys(expected), ...Object.keys(published)])].map((member) => {
    const { cells, differences } = compareAnswer(where, { [member]: expected[member] }, { [member]: published[member] })
    const items = expected[member]
    return [`${where} ${member}`, { rows: Array.isArray(items) ? items.length : 1, cells, differences }]
  }))
}

const listAnswers: Readonly<Record<string, (ledger: Ledger, at: CountedAt) => AnswerObject>> = {
  federation: federationAnswer, 'federation/members': membersAnswer, 'federation/proposals': proposalsAnswer, 'federation/pauses': pausesAnswer,
  'federation/directory': directoryAnswer, 'federation/nets': netsAnswer,
}

function answerOf(list: string, name: string, ledger: Ledger, at: CountedAt): AnswerObject {
  const city = list.endsWith('members') ? ledger.cities.get(name) : undefined
  if (city !== undefined) return memberAnswer(ledger, city, at)
  const told = list.endsWith('cities') ? membersOf(ledger).find(({ city: { city: locode } }) => locode === name) : undefined
  if (told !== undefined) return storyAnswer(ledger, told, at)
  const proposal = list.endsWith('proposals') ? ledger.proposals.get(name) : undefined
  return proposal === undefined ? {} : proposalAnswer(ledger, proposal, at)
}

async function readProposals(service: Service, path: string): Promise<Content> {
  const proposals: unknown[] = []
  for (;;) {
    const page = (await read(service, `${path}?limit=${proposalPage}&offset=${proposals.length}`))['proposals']
    if (!Array.isArray(page)) throw new RecomputeError(`${path} is not a list of proposals: use the version that belongs to the service.`)
    proposals.push(...(page as unknown[]))
    if (page.length < proposalPage) return { proposals }
  }
}

function compareDocument(where: string, { key, counted, published }: DocumentPart): Comparison {
  return compareRows({ where, key, counted, published })
}

/** The second that a story says it is of, if it was asked for then. */
function toldAt(content: Content, from: number, to: number): number {
  const seconds = Date.parse(String(content['as_of'])) / 1000
  return seconds >= from && seconds <= to ? seconds : to
}

function leastOf(a: Comparison, b: Comparison): Comparison {
  return b.differences.length < a.differences.length ? b : a
}

/** What must hold whatever the service says. */
async function checkLedger(ledger: Ledger, figures: Figures, node: Node): Promise<Comparison> {
  const differences: string[] = []
  let cells = 0
  const check = (holds: boolean, otherwise: string): void => {
    cells += 1
    if (!holds) differences.push(otherwise)
  }
  const units = (table: string, column: string): bigint => (figures.get(table) ?? []).reduce((sum, row) => sum + BigInt(String(row[column])), 0n)
  check(units('nets', 'net') === 0n, `nets: the sum over all cities is ${units('nets', 'net')}, not zero`)
  for (const row of figures.get('programs') ?? []) {
    const parts = ['in_escrow', 'held', 'burnt'].reduce((sum, column) => sum + BigInt(String(row[column])), 0n)
    check(parts === BigInt(String(row['funded'])), `programs, ${String(row['program_id'])}: in escrow, held and burnt add up to ${parts}, funded is ${String(row['funded'])}`)
  }
  for (const list of ledger.lists.values()) {
    if (list.digest === undefined || list.bits.length === 0) continue
    check(list.isReadable, `status_lists, ${list.uri}: an update of it cannot be read, and nobody can follow it`)
    check(digestOf(list) === list.digest, `status_lists, ${list.uri}: the updates add up to ${digestOf(list)}, its city published ${list.digest}`)
  }
  for (const row of figures.get('contracts') ?? []) {
    if (row['is_current'] !== true || BigInt(String(row['target'])) === 0n) continue
    const actual = keccak256(await node.code(String(row['target'])))
    check(actual === row['code_hash'], `contracts, ${String(row['name'])}: the code at ${String(row['target'])} has the hash ${actual}, the Directory says ${String(row['code_hash'])}`)
  }
  return { rows: 0, cells, differences }
}
