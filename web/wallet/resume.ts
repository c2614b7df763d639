import { renewFederation } from './cards/federation.ts'
import { renewStatuses } from './cards/card-status.ts'
import { resumeIssuances } from './cards/receive-card.ts'
import { resumePayments } from './points/pay.ts'
import { resumeWithdrawals } from './points/purse.ts'
import type { CardRecord } from './vault/records.ts'
import type { WalletTools } from './wallet-context.tsx'

/** Takes up everything that was interrupted: cards, withdrawals, payments. @returns the cards that arrived */
export async function resumeAll(tools: WalletTools): Promise<readonly CardRecord[]> {
  return tools.vault.exclusively('resume', async () => {
    const cards = await resumeIssuances(tools)
    await resumeWithdrawals(tools)
    await resumePayments(tools)
    // No list now: it stays as it was known, and the wallet says how old that is.
    await renewFederation({ vault: tools.vault }).catch(() => {})
    await renewStatuses(tools)
    return cards
  })
}
