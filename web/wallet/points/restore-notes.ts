import type { Change, NoteRecord } from '../vault/records.ts'
import { counterId, createNote, pinProgram } from './purse.ts'
import type { Progress, PurseTools } from './purse.ts'

/** How many notes are asked for at once, and how many unsigned ones in a row end the search. */
const window = 16

export interface Restored {
  /** Points in notes that came back. */
  readonly recovered: number
  /** Points in notes of the backup that had been spent since. */
  readonly spent: number
}

/**
 * Brings the notes up to date after a restore: asks the city for the signatures of notes that were withdrawn after the
 * backup was made (the same blinded values give the same signatures, and nothing new is debited), and lets go of notes
 * that were spent since.
 */
export async function restoreNotes(issuer: string, tools: PurseTools, progress: Progress = () => {}): Promise<Restored> {
  const { vault, city, now = Date.now } = tools
  const programs = await city.programs(issuer)
  let recovered = 0
  let spent = 0
  for (const [i, { program_id: program }] of programs.entries()) {
    progress(i, programs.length)
    const { denominations } = await pinProgram(issuer, program, tools)
    const redeemed = await city.redeemedNotes(issuer, program)
    await vault.exclusively('notes', async () => {
      const stale = (await vault.list('note')).filter((note) => note.program === program && redeemed.has(note.address))
      spent += sumOf(stale)
      await vault.commit(stale.map(({ id }): Change => ({ kind: 'note', remove: id })))
      for (const denomination of denominations) {
        const found = await recoverDenomination({ issuer, program, ...denomination }, tools)
        const fresh = found.filter(({ address }) => !redeemed.has(address))
        recovered += sumOf(fresh)
        await vault.commit([
          ...fresh.map((put): Change => ({ kind: 'note', put })),
          ...nextCounter(found),
        ])
      }
    })
  }
  progress(programs.length, programs.length)
  if (recovered > 0) {
    const id = crypto.randomUUID()
    await vault.commit([{ kind: 'event', put: { id, at: new Date(now()).toISOString(), kind: 'restored', who: issuer, points: recovered } }])
  }
  return { recovered, spent }
}

async function recoverDenomination(
  { issuer, program, value, modulus }: { issuer: string; program: string; value: number; modulus: string },
  { vault, city }: PurseTools,
): Promise<NoteRecord[]> {
  const found: NoteRecord[] = []
  let from = (await vault.find('counter', counterId(program, value)))?.next ?? 0
  for (;;) {
    const notes = await Promise.all(Array.from({ length: window }, (_, i) =>
      createNote({ program, value, counter: from + i, modulus }, vault)))
    const blinded = await Promise.all(notes.map((note) => vault.blindedNote(note, modulus)))
    const signatures = await city.recover(issuer, program, blinded)
    let hits = 0
    for (const [i, note] of notes.entries()) {
      const signature = signatures[i]
      if (typeof signature !== 'string') continue
      hits++
      found.push({ ...note, state: 'held', signature: await vault.unblindedSignature(note, modulus, signature) })
    }
    if (hits === 0) return found
    from += window
  }
}

function nextCounter(found: readonly NoteRecord[]): Change[] {
  const last = found.at(-1)
  if (last === undefined) return []
  const { program, value, counter } = last
  return [{ kind: 'counter', put: { id: counterId(program, value), program, value, next: counter + 1 } }]
}

function sumOf(notes: readonly NoteRecord[]): number {
  return notes.reduce((total, { value }) => total + value, 0)
}
