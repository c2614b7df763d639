import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EIP1193Provider } from '@nomicfoundation/ignition-core'

/** What the journal of a deployment remembers of the chain. */
export interface DeploymentJournal {
  /** Chain the deployment was begun on; undefined when it was not begun. */
  chainId: number | undefined
  /** Transactions that were seen confirmed. */
  confirmed: { hash: string; blockHash: string; blockNumber: number }[]
}

interface JournalMessage {
  type: string
  chainId?: number
  hash?: string
  receipt?: { blockHash: string; blockNumber: number }
}

/**
 * Reads Ignition's journal. A last line that was cut off by a kill is taken out for good: what it announced was not
 * done yet, because Ignition writes before it acts.
 */
export async function readJournal(deploymentDir: string): Promise<DeploymentJournal> {
  const path = join(deploymentDir, 'journal.jsonl')
  const journal: DeploymentJournal = { chainId: undefined, confirmed: [] }
  if (!existsSync(path)) return journal
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '')
  const last = lines.at(-1)
  if (last !== undefined && !isJson(last)) {
    lines.pop()
    await writeFile(path, lines.map((line) => `\n${line}`).join(''))
  }
  for (const line of lines) {
    const message = JSON.parse(line) as JournalMessage
    if (message.type === 'DEPLOYMENT_INITIALIZE') journal.chainId = message.chainId
    if (message.type === 'TRANSACTION_CONFIRM' && message.hash !== undefined && message.receipt !== undefined) {
      const { blockHash, blockNumber } = message.receipt
      journal.confirmed.push({ hash: message.hash, blockHash, blockNumber })
    }
  }
  return journal
}

/** The first confirmed transaction that the chain does not know, or knows in another block; undefined when all are there. */
export async function findLostTransaction(journal: DeploymentJournal, provider: EIP1193Provider): Promise<string | undefined> {
  for (const { hash, blockHash } of journal.confirmed) {
    const receipt = (await provider.request({ method: 'eth_getTransactionReceipt', params: [hash] })) as { blockHash: string } | null
    if (receipt?.blockHash !== blockHash) return hash
  }
  return undefined
}

/** Moves the journal's folder to the first free name `<folder>.reset-1`, `-2` and so on. */
export async function putJournalAside(deploymentDir: string): Promise<void> {
  for (let number = 1; ; number++) {
    const target = `${deploymentDir}.reset-${number}`
    if (existsSync(target)) continue
    await rename(deploymentDir, target)
    return
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
