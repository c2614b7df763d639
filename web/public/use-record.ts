import { useState } from 'react'
import { api } from '../ui/api-client.ts'
import { useRequest, type RequestState } from '../ui/use-request.ts'
import { readRecord, type PublicRecord } from './read-record.ts'
import type { TableName } from './rows.ts'

const renewMilliseconds = 10_000

export interface RecordState<Name extends TableName> extends RequestState<PublicRecord<Name>> {
  /** Rows that have come of a record that is read over many pages; zero otherwise. */
  readonly rowsSoFar: number
}

/** Reads tables as of a block, or as of the last one, again and again. */
export function useRecord<Name extends TableName>(names: readonly [Name, ...Name[]], at: number | undefined): RecordState<Name> {
  const [rowsSoFar, setRowsSoFar] = useState(0)
  const state = useRequest(`${at ?? 'now'} ${names.join(' ')}`, async (signal) => {
    setRowsSoFar(0)
    return await readRecord(names, {
      at,
      get: async (path) => await api.get<unknown>(path, { signal }),
      onProgress: (rows) => { if (!signal.aborted) setRowsSoFar(rows) },
    })
  }, { everyMs: at === undefined ? renewMilliseconds : undefined })
  return { ...state, rowsSoFar }
}
