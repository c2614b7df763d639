import { createContracts } from '../../chain/contracts.ts'
import { contractNames, type ContractName } from '../../chain/deployment.ts'
import { isRevert } from '../../chain/reverts.ts'
import { createViewRunner, type FederationAt } from '../lib/federation-at.ts'

/** A contract whose new entries can be paused. */
export interface Pausable {
  readonly name: ContractName
  readonly address: string
  /** The Guardian that it asks: the one it was made with, whatever the Directory names since. */
  readonly guardian: string
  /** Whether the Directory names it no more. */
  readonly isFormer: boolean
}

/** What stops while each of them is paused. */
export const pausedEntries: Partial<Readonly<Record<ContractName, string>>> = {
  CityRegistry: 'new service addresses, offers and acceptances of control, changes of recovery accounts; not vetoes, appeals and what the cities decide by vote',
  IssuerRegistry: 'accrediting issuer keys; not withdrawing them',
  RecognitionRegistry: 'new agreements between cities; not withdrawing them',
  StatusLists: 'new lists and new epochs: revocations reach no verifier, and after a while verifiers say that they do not know a card’s state',
  Anchors: 'new roots of logs',
  RewardPrograms: 'new programmes, budgets and merchants, and every payment with points; not what the cities decide by vote',
  Settlement: 'new requests for settlement; not marks that something was paid'
}

/** Which of the federation's contracts, of now and of the founding, can be paused: each is asked which Guardian it listens to. */
export async function findPausable(federation: FederationAt): Promise<readonly Pausable[]> {
  const { current, founded, deployment, provider } = federation
  const guardians = new Set([current.Guardian, founded.Guardian])
  const places = contractNames.flatMap((name) => [...new Set([current[name] ?? founded[name], founded[name]])].map((address) => ({ name, address })))
  const found = await Promise.all(places.map(async ({ name, address }) => {
    // Every contract that can be paused answers as the CityRegistry does.
    const { CityRegistry } = createContracts({ ...deployment, contracts: { ...deployment.contracts, CityRegistry: address } }, createViewRunner(provider))
    try {
      const guardian = await CityRegistry.guardian()
      return guardians.has(guardian) ? [{ name, address, guardian, isFormer: address !== current[name] }] : []
    } catch (error) {
      if (isRevert(error)) return []
      throw error
    }
  }))
  return found.flat()
}
