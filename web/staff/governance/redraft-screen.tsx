import { deskApi } from '../../ui/desk/desk-api.ts'
import { ErrorState, Loading } from '../../ui/states.tsx'
import { useRequest } from '../../ui/use-request.ts'
import { valuesOf, type DecisionType } from './forms.ts'
import { NewScreen } from './new-screen.tsx'
import type { Draft } from './wire.ts'

/** The form of a decision, filled in with what an earlier draft said. */
export function RedraftScreen({ type, draftId, onDrafted }: { type: DecisionType; draftId: string; onDrafted(): void }) {
  const path = `/v1/governance/drafts/${encodeURIComponent(draftId)}`
  const { data: draft, error, reload } = useRequest(path, (signal) => deskApi.get<Draft>(path, { signal }))
  if (draft === undefined) return error === undefined ? <Loading /> : <ErrorState isScreen error={error} onRetry={reload} />
  return <NewScreen type={type} onDrafted={onDrafted} first={{ values: valuesOf(type, draft.action), description: draft.description ?? '' }} />
}
