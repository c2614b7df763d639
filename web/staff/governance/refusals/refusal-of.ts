import { ApiError } from '../../../ui/problem.ts'
import type { Refusal } from '../wire.ts'

/** What the chain would say, out of a problem that a draft was answered with; undefined when the problem is another. */
export function refusalOf(error: unknown): Refusal | undefined {
  const refusal = error instanceof ApiError ? error.members['refusal'] : undefined
  return isRefusal(refusal) ? refusal : undefined
}

function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && ['code', 'detail', 'advice'].every((name) => typeof (value as Record<string, unknown>)[name] === 'string')
}
