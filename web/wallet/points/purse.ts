import { planWithdrawal } from '../../../agent/notes/plan-values.ts'
import { ApiError } from '../../ui/problem.ts'
import type { Change, CounterRecord, Denomination, NoteRecord, ProgramRecord, WithdrawalRecord } from '../vault/records.ts'
import type { Vault } from '../vault/vault.ts'
import type { CityPoints } from './city-points.ts'
import { PurseError } from './purse-error.ts'

/** Notes of one programme: how many points they are worth, ready to pay and on their way. */
export interface PurseTotal {
  readonly program: string
  readonly name: string
  readonly held: number
  readonly count: number
  readonly requested: number
  readonly paying: number
}

export interface PurseTools {
  readonly vault: Vault
  readonly city: CityPoints
  readonly now?: () => number
}

/** Reports how many notes of how many are done. */
export type Progress = (done: number, all: number) => void

const lock = 'notes'
/** How many notes a city signs, and a payment holds, at once. */
const mostNotes = 64

/**
 * Withdraws points into notes. The counters and the notes are kept before anything is sent, so that after a crash
 * {@link resumeWithdrawals} asks for the very same signatures.
 * @throws PurseError, ApiError
 */
export async function withdraw(
  { issuer, program, values, progress }: { issuer: string; program: string; values: readonly number[]; progress?: Progress },
  tools: PurseTools,
): Promise<void> {
  const { denominations, name } = await pinProgram(issuer, program, tools)
  await tools.vault.exclusively(lock, async () => {
    for (let from = 0; from < values.length; from += mostNotes) {
      const part = values.slice(from, from + mostNotes)
      const record = await beginWithdrawal({ issuer, program, denominations, values: part }, tools)
      await completeWithdrawal(record, name, tools, (done) => progress?.(2 * from + done, 2 * values.length))
    }
  })
}

/** The values that make up an amount, so that afterwards every sum up to it can be paid. @throws PurseError */
export async function withdrawAmount(
  { issuer, program, amount, progress }: { issuer: string; program: string; amount: number; progress?: Progress },
  tools: PurseTools,
): Promise<void> {
  const { denominations } = await pinProgram(issuer, program, tools)
  const values = planWithdrawal(amount, denominations.map(({ value }) => value))
  if (values === undefined) throw new PurseError('ERR_NO_EXACT_SUM')
  await withdraw({ issuer, program, values, ...(progress === undefined ? {} : { progress }) }, tools)
}

/** Finishes every withdrawal that was interrupted. What the city cannot be asked now stays for the next time. */
export async function resumeWithdrawals(tools: PurseTools): Promise<void> {
  await tools.vault.exclusively(lock, async () => {
    for (const record of await tools.vault.list('withdrawal')) {
      const program = await tools.vault.find('program', record.program)
      await completeWithdrawal(record, program?.name ?? '', tools).catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error
      })
    }
  })
}

/** What the notes are worth, by programme. */
export async function readTotals(vault: Vault): Promise<readonly PurseTotal[]> {
  const [notes, programs] = await Promise.all([vault.list('note'), vault.list('program')])
  return programs.map(({ id, name }) => {
    const own = notes.filter((note) => note.program === id)
    const sum = (state: NoteRecord['state']) => own.filter((note) => note.state === state).reduce((total, note) => total + note.value, 0)
    return {
      program: id, name, held: sum('held'), requested: sum('requested'), paying: sum('paying'),
      count: own.filter(({ state }) => state === 'held').length,
    }
  })
}

/**
 * The programme with the keys the wallet first saw. A city that showed other keys to some people could tell their notes
 * from those of others, so other keys for the same value are refused.
 * @throws PurseError ERR_PROGRAM_UNKNOWN, ERR_PROGRAM_KEYS_CHANGED
 */
export async function pinProgram(issuer: string, program: string, { vault, city }: PurseTools): Promise<ProgramRecord> {
  const [known, listed] = await Promise.all([vault.find('program', program), city.programs(issuer)])
  const found = listed.find(({ program_id: id }) => id === program)
  if (found === undefined) throw new PurseError('ERR_PROGRAM_UNKNOWN')
  const denominations = found.denominations.map(({ value, modulus }): Denomination => ({ value, modulus }))
  assertSameKeys(known?.denominations ?? [], denominations)
  const record: ProgramRecord = { id: program, name: found.name, issuer, denominations }
  if (JSON.stringify(known) !== JSON.stringify(record)) await vault.commit([{ kind: 'program', put: record }])
  return record
}

/** @throws PurseError ERR_PROGRAM_KEYS_CHANGED */
export function assertSameKeys(known: readonly Denomination[], shown: readonly Denomination[]): void {
  for (const { value, modulus } of known) {
    if (shown.some((other) => other.value === value && other.modulus !== modulus)) {
      throw new PurseError('ERR_PROGRAM_KEYS_CHANGED')
    }
  }
}

async function beginWithdrawal(
  { issuer, program, denominations, values }:
  { issuer: string; program: string; denominations: readonly Denomination[]; values: readonly number[] },
  { vault, now = Date.now }: PurseTools,
): Promise<WithdrawalRecord> {
  const counters = new Map<string, CounterRecord>()
  const notes: NoteRecord[] = []
  for (const value of values) {
    const modulus = denominations.find((denomination) => denomination.value === value)?.modulus
    if (modulus === undefined) throw new PurseError('ERR_PROGRAM_UNKNOWN')
    const id = counterId(program, value)
    const counter = counters.get(id) ?? await vault.find('counter', id) ?? { id, program, value, next: 0 }
    counters.set(id, { ...counter, next: counter.next + 1 })
    notes.push(await createNote({ program, value, counter: counter.next, modulus }, vault))
  }
  const record: WithdrawalRecord = {
    id: crypto.randomUUID(), issuer, program, noteIds: notes.map(({ id }) => id), startedAt: new Date(now()).toISOString(),
  }
  await vault.commit([
    ...[...counters.values()].map((put): Change => ({ kind: 'counter', put })),
    ...notes.map((put): Change => ({ kind: 'note', put })),
    { kind: 'withdrawal', put: record },
  ])
  return record
}

/** A note that was not asked for yet. */
export async function createNote(
  { program, value, counter, modulus }: { program: string; value: number; counter: number; modulus: string }, vault: Vault,
): Promise<NoteRecord> {
  const address = await vault.noteAddress({ program, value, counter })
  return { id: `${counterId(program, value)}:${counter}`, program, value, counter, address, modulus, state: 'requested' }
}

export function counterId(program: string, value: number): string {
  return `${program}:${value}`
}

async function completeWithdrawal(
  record: WithdrawalRecord, programName: string, { vault, city, now = Date.now }: PurseTools, progress: (done: number) => void = () => {},
): Promise<void> {
  const found = await Promise.all(record.noteIds.map((id) => vault.find('note', id)))
  const notes = found.filter((note) => note !== undefined)
  const blinded = []
  for (const note of notes) {
    blinded.push({ value: note.value, blinded: await vault.blindedNote(note, note.modulus) })
    progress(blinded.length)
    await breathe()
  }
  let signatures
  try {
    signatures = await city.withdraw(record.issuer, record.program, blinded, record.id)
  } catch (error) {
    if (isFinalRefusal(error)) await forgetWithdrawal(record, notes, vault)
    throw error
  }
  const held: NoteRecord[] = []
  for (const [i, note] of notes.entries()) {
    const signature = await vault.unblindedSignature(note, note.modulus, signatures[i] ?? '')
    held.push({ ...note, state: 'held', signature })
    progress(notes.length + held.length)
    await breathe()
  }
  const points = held.reduce((total, { value }) => total + value, 0)
  await vault.commit([
    ...held.map((put): Change => ({ kind: 'note', put })),
    { kind: 'withdrawal', remove: record.id },
    { kind: 'event', put: { id: record.id, at: new Date(now()).toISOString(), kind: 'withdrawn', who: programName, points } },
  ])
}

/** The city said no and will go on saying so. Unlike "not now", this is no reason to ask again. */
function isFinalRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'ERR_PROBLEM' && [400, 404, 409, 422].includes(error.status)
    && error.problem?.includes('IDEMPOTENCY') !== true
}

/**
 * Takes a refused withdrawal back, counters included: should the city have signed after all, the next withdrawal asks
 * for the same notes again and gets the same signatures.
 */
async function forgetWithdrawal(record: WithdrawalRecord, notes: readonly NoteRecord[], vault: Vault): Promise<void> {
  const lowest = new Map<string, NoteRecord>()
  for (const note of notes) {
    const id = counterId(note.program, note.value)
    if ((lowest.get(id)?.counter ?? Infinity) > note.counter) lowest.set(id, note)
  }
  await vault.commit([
    ...notes.map(({ id }): Change => ({ kind: 'note', remove: id })),
    ...[...lowest].map(([id, { program, value, counter }]): Change => ({ kind: 'counter', put: { id, program, value, next: counter } })),
    { kind: 'withdrawal', remove: record.id },
  ])
}

/** Lets the screen draw between two slow calculations. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}
