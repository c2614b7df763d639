import { deskApi } from '../ui/desk/desk-api.ts'
import type { Question } from './question.ts'
import type { CreatedRequest } from './wire.ts'

/** Has the city make a signed request for these claims. */
export function createRequest({ claims, purpose }: Question): Promise<CreatedRequest> {
  return deskApi.post<CreatedRequest>('/v1/verification/requests', { claims, purpose })
}
