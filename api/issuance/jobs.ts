import type { Job } from '../platform/jobs.ts'
import type { StatusService } from './status-service.ts'
import type { IssuanceStore } from './store.ts'

/** What issuance does by itself: epochs of the status lists, and forgetting nonces. */
export function createIssuanceJobs({ status, store, epochSeconds }: {
  readonly status: Pick<StatusService, 'publishEpochs'>
  readonly store: Pick<IssuanceStore, 'sweep'>
  readonly epochSeconds: number
}): readonly Job[] {
  return [
    { name: 'status-epochs', everySeconds: epochSeconds, run: () => status.publishEpochs() },
    { name: 'issuance-sweep', everySeconds: 300, run: (now) => store.sweep(now) },
  ]
}
