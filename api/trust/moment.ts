import type { Moment } from '../../chain/history.ts'
import { ApiError } from '../platform/errors.ts'

/** The moment that `?block=` or `?time=` ask for; undefined for now. @throws ApiError `ERR_VALIDATION` */
export function toMoment({ block, time }: { readonly block?: string | undefined; readonly time?: string | undefined }): Moment | undefined {
  if (block !== undefined && time !== undefined) throw new ApiError('ERR_VALIDATION', 'Ask for a block or for a time, not for both.')
  if (block !== undefined) return { block: Number(block) }
  return time === undefined ? undefined : { timeSeconds: Math.floor(Date.parse(time) / 1000) }
}
