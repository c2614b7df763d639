import { readLedger } from '../../../scripts/lib/recompute/read-ledger.ts'
import { figuresOf } from '../../../scripts/lib/recompute/figures.ts'
import { Node } from '../../../scripts/lib/recompute/node.ts'

/* What every page of the public record has to show, said of tables: of those counted from the chain alone, or of those that a page links to. */

export type Cell = string | number | boolean | null | undefined
export type Row = Readonly<Record<string, Cell>>
/** The rows of a table; fails when there is no such table. */
export type Tables = (name: string) => readonly Row[]

/** Texts that stand together on a page, in their order. */
export interface Shown {
  /** Name of the part of the page that links to their queries. */
  readonly part: string
  /** Where they stand in it. */
  readonly selector: string
  /** What they are out of all the text there; all of it otherwise. */
  readonly pattern?: RegExp
  texts(tables: Tables): readonly string[]
}

/** Counts every table from the events that a node gives, as of a block. */
export async function countFromChain(rpcUrl: string, directory: string, block: number): Promise<Tables> {
  const node = new Node(rpcUrl, 10_000)
  const { ledger } = await readLedger({ node, directory, fromBlock: 0, toBlock: block })
  const times = new Map<number, number>()
  for (const { publishedBlock } of ledger.lists.values()) times.set(publishedBlock, (await node.header(publishedBlock)).timeSeconds)
  const figures = figuresOf(ledger, { block: await node.header(block), timeOf: (number) => times.get(number) ?? 0 })
  return (name) => {
    const rows = figures.get(name)
    if (rows === undefined) throw new TypeError(`there is no table ${name}`)
    return rows
  }
}

/** To the last digit, whatever its size. */
const units = (value: Cell | bigint): string => new Intl.NumberFormat('en-GB').format(BigInt(String(value)))
const sum = (rows: readonly Row[], column: string): bigint => rows.reduce((total, row) => total + BigInt(String(row[column])), 0n)
const column = (part: string, title: string, table: string, text: (row: Row) => string, of: (rows: readonly Row[]) => readonly Row[] = (rows) => rows): Shown =>
  ({ part, selector: `td[data-title="${title}"]`, texts: (tables) => of(tables(table)).map(text) })
const fact = (part: string, name: string, texts: Shown['texts']): Shown => ({ part, selector: `dl.facts > div:has(> dt:text-is("${name}")) > dd`, texts })
const latestFirst = (rows: readonly Row[]): readonly Row[] => rows.toReversed()

const cityStates: Readonly<Record<string, string>> = { active: '●Active', pending: '◌Joining', suspended: '▲Suspended', removed: '✕Left' }
const keyStates: Readonly<Record<string, string>> = { granted: '●Valid', pending: '▲Not yet valid', suspended: '▲City suspended', withdrawn: '✕Withdrawn', expired: '○Expired' }
const pauseStates: Readonly<Record<string, string>> = { running: '▲Running', ended: '○Ended by itself', cleared: '○Cleared' }
const voteWords: Readonly<Record<string, string>> = { for: '●For', against: '✕Against', abstain: '○Abstains' }

const isOpen = ({ state }: Row): boolean => !['executed', 'cancelled', 'defeated'].includes(String(state))
const titleOf = ({ description }: Row): string => String(description).split('\n')[0]?.trim() ?? ''
const tallyOf = (row: Row): string => `${String(row['votes_for'])} for, ${String(row['votes_against'])} against, ${String(row['votes_abstain'])} abstaining`
const cards = (part: string, isWanted: (row: Row) => boolean): readonly Shown[] => [
  { part, selector: '.proposal-card h3', texts: (tables) => tables('proposals').filter(isWanted).toReversed().map(titleOf) },
  { part, selector: '.proposal-card', pattern: /\d+ for, \d+ against, \d+ abstaining/, texts: (tables) => tables('proposals').filter(isWanted).toReversed().map(tallyOf) },
]

const tile = (part: string, value: (tables: Tables) => bigint | number): Shown => ({ part, selector: '.tile-value', texts: (tables) => [units(BigInt(value(tables)))] })
const note = (part: string, table: string, words: string): Shown => ({ part, selector: 'dd.soft', texts: (tables) => [`${units(BigInt(tables(table).length))} ever ${words}`] })

const overview: readonly Shown[] = [
  tile('cities', (tables) => tables('members').filter(({ status }) => status === 'active').length), note('cities', 'members', 'admitted'),
  tile('proposals', (tables) => tables('proposals').filter(isOpen).length), note('proposals', 'proposals', 'made'),
  tile('keys', (tables) => tables('accreditations').filter(({ standing }) => standing === 'granted').length),
  tile('agreements', (tables) => tables('recognitions').filter((row) => row['in_force'] === true).length),
  tile('funded', (tables) => sum(tables('programs'), 'funded')), tile('redeemed', (tables) => sum(tables('programs'), 'redeemed')),
  tile('nets', (tables) => sum(tables('nets'), 'net')), tile('pauses', (tables) => tables('pauses').filter(({ state }) => state === 'running').length),
  ...cards('open', isOpen),
]

const keys = (ofCity: (row: Row) => boolean): readonly Shown[] => [
  column('keys', 'Fingerprint', 'accreditations', (row) => String(row['thumbprint']), (rows) => rows.filter(ofCity)),
  column('keys', 'State', 'accreditations', (row) => keyStates[String(row['standing'])] ?? '', (rows) => rows.filter(ofCity)),
]

const city = (locode: string): readonly Shown[] => {
  const own = (tables: Tables): Row | undefined => tables('members').find((row) => row['city'] === locode)
  const goodIn = (tables: Tables, side: 'issuer' | 'recogniser', other: 'issuer' | 'recogniser'): string => {
    const active = new Set(tables('members').filter(({ status }) => status === 'active').map((row) => row['city']))
    const others = new Set(tables('recognitions').filter((row) => row[side] === locode && row['in_force'] === true && active.has(row['issuer'])).map((row) => row[other]))
    const names = [...others].map((code) => String(tables('members').find((row) => row['city'] === code)?.['name']))
    return names.length === 0 ? 'no other city' : names.join(', ')
  }
  return [
    { part: 'standing', selector: 'h2 + .badge', texts: (tables) => [cityStates[String(own(tables)?.['status'])] ?? ''] },
    fact('standing', 'Owed by other cities, net, in points', (tables) => [units(tables('nets').find((row) => row['city'] === locode)?.['net'])]),
    fact('standing', 'Its card is good in', (tables) => [goodIn(tables, 'issuer', 'recogniser')]),
    fact('standing', 'It accepts cards of', (tables) => [goodIn(tables, 'recogniser', 'issuer')]),
    fact('standing', 'Account', (tables) => [String(own(tables)?.['controller'])]),
    { part: 'standing', selector: 'dl.facts > div:has(> dt:text-is("Who voted on it")) > dd', pattern: /\w+(?=\))/, texts: (tables) => {
      const admitted = own(tables)?.['admitted_by']
      return tables('votes').filter((row) => row['proposal_id'] === admitted).map(({ support }) => (voteWords[String(support)] ?? '').slice(1))
    } },
    { part: 'history', selector: 'ol.things .soft', pattern: /block \d+/, texts: (tables) => tables('member_events').filter((row) => row['city'] === locode).map((row) => `block ${String(row['block'])}`) },
    ...keys((row) => row['city'] === locode),
  ]
}

const agreements: readonly Shown[] = [{
  part: 'agreements', selector: 'table.matrix td .badge', texts: (tables) => {
    const members = tables('members').filter(({ status }) => status !== 'removed')
    return members.flatMap((issuer) => members.map((recogniser) => {
      const between = tables('recognitions').filter((row) => row['issuer'] === issuer['city'] && row['recogniser'] === recogniser['city'])
      if (issuer['status'] !== 'active') return '▲City not active'
      if (issuer === recogniser || between.some((row) => row['in_force'] === true)) return '●Good'
      return between.length > 0 ? '▲Ended' : '○Not good'
    }))
  },
}]

const proposal = (id: string): readonly Shown[] => {
  const own = (tables: Tables): Row => tables('proposals').find((row) => row['proposal_id'] === id) ?? {}
  const votes = (rows: readonly Row[]): readonly Row[] => rows.filter((row) => row['proposal_id'] === id)
  return [
    { part: 'tally', selector: '.bar-names strong', texts: (tables) => ['votes_for', 'votes_against', 'votes_abstain'].map((name) => units(own(tables)[name])) },
    { part: 'tally', selector: 'p.soft', pattern: /\d+ of \d+ seats/, texts: (tables) => (own(tables)['quorum'] === null ? [] : [`${String(own(tables)['quorum'])} of ${String(own(tables)['seats'])} seats`]) },
    { part: 'actions', selector: 'dl.facts > div:last-child > dd', texts: (tables) => votes(tables('actions')).map(({ calldata }) => String(calldata)) },
    column('votes', 'Vote', 'votes', ({ support }) => voteWords[String(support)] ?? '', votes),
    column('votes', 'Reason', 'votes', ({ reason }) => String(reason) || '–', votes),
    fact('times', 'Number', (tables) => [String(own(tables)['proposal_id'])]),
  ]
}

const places = ['in_escrow', 'held', 'burnt']
const programmes = (tables: Tables): readonly Shown[] => [
  { part: 'all', selector: '.big-number', texts: (from) => [units(sum(from('programs'), 'funded'))] },
  { part: 'all', selector: '.bar-names strong', texts: (from) => places.map((name) => units(sum(from('programs'), name))) },
  ...tables('programs').flatMap(({ program_id: programId }): readonly Shown[] => {
    const part = `program-${String(programId)}`
    const own = (from: Tables): Row => from('programs').find((row) => row['program_id'] === programId) ?? {}
    return [
      { part, selector: 'p > strong.number', texts: (from) => [units(own(from)['funded'])] },
      { part, selector: '.bar-names strong', texts: (from) => places.map((name) => units(own(from)[name])) },
      { part, selector: 'p.soft', pattern: /\S+ points redeemed in \S+ payments?/, texts: (from) => {
        const redemptions = from('redemptions').filter((row) => row['program_id'] === programId)
        return [`${units(sum(redemptions, 'units'))} points redeemed in ${units(BigInt(redemptions.length))} payment${redemptions.length === 1 ? '' : 's'}`]
      } },
    ]
  }),
]

const nets: readonly Shown[] = [
  column('nets', 'Owed to it', 'nets', (row) => units(row['owed_to_it'])), column('nets', 'It owes', 'nets', (row) => units(row['owed_by_it'])),
  column('nets', 'Net', 'nets', (row) => units(row['net'])), { part: 'nets', selector: '.note strong', texts: (tables) => [units(sum(tables('nets'), 'net'))] },
  column('debts', 'Accrued', 'debts', (row) => units(row['accrued'])), column('debts', 'Settled', 'debts', (row) => units(row['settled'])),
  column('debts', 'Still owed', 'debts', (row) => units(row['owed'])),
  fact('settlements', 'Points given back for money', (tables) => [units(sum(tables('settlements'), 'units'))]),
  fact('settlements', 'of which paid', (tables) => [units(sum(tables('settlements').filter((row) => row['paid_at'] !== null), 'units'))]),
]

/** Not rounded: in the largest unit that divides it. */
const duration = (seconds: number): string => {
  const [size, word] = ([[86_400, 'day'], [3600, 'hour'], [60, 'minute'], [1, 'second']] as const).find(([length]) => seconds % length === 0 && seconds > 0) ?? [1, 'second']
  return `${units(BigInt(seconds / size))} ${word}${seconds === size ? '' : 's'}`
}
const valueOf = ({ unit, value }: Row): string => {
  if (unit === 'seconds') return duration(Number(value))
  if (unit === 'percent') return `${String(value)} per cent of all seats`
  return unit === 'account' ? String(value) : units(value)
}
const rules: readonly Shown[] = [
  column('parameters', 'Value', 'parameters', valueOf, latestFirst),
  { part: 'pauses', selector: 'td[data-title="State"] .badge', texts: (tables) => latestFirst(tables('pauses')).map((row) => pauseStates[String(row['state'])] ?? '') },
  column('pauses', 'Incident', 'pauses', (row) => String(row['incident']), latestFirst),
  column('contracts', 'Address', 'contracts', (row) => String(row['target'])), column('contracts', 'Hash of the code', 'contracts', (row) => String(row['code_hash'])),
]

const statusLists: readonly Shown[] = [
  column('status', 'Update', 'status_lists', (row) => units(row['epoch'])), column('status', 'Places', 'status_lists', (row) => units(row['size'])),
  column('status', 'Fingerprint', 'status_lists', (row) => String(row['digest'] ?? '–')),
]

/** Every page, and what each part of it has to show. */
export function pagesOfRecord(tables: Tables): ReadonlyMap<string, readonly Shown[]> {
  return new Map<string, readonly Shown[]>([
    ['', overview],
    ['cities', [column('members', 'Code', 'members', (row) => String(row['city'])), column('members', 'Status', 'members', ({ status }) => cityStates[String(status)] ?? '')]],
    ...tables('members').map((row) => [`cities/${String(row['city'])}`, city(String(row['city']))] as const),
    ['agreements', agreements],
    ['keys', keys(() => true)],
    ['proposals', [...cards('undecided', isOpen), ...cards('decided', (row) => !isOpen(row))]],
    ...tables('proposals').map((row) => [`proposals/${String(row['proposal_id'])}`, proposal(String(row['proposal_id']))] as const),
    ['programmes', programmes(tables)],
    ['nets', nets],
    ['rules', rules],
    ['data', statusLists],
  ])
}
