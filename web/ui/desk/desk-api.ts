import { api } from '../api-client.ts'
import type { ApiClient, RequestOptions } from '../api-client.ts'
import { ApiError } from '../problem.ts'

const signedOutEvent = 'symbolon-signed-out'

async function watch<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) window.dispatchEvent(new Event(signedOutEvent))
    throw error
  }
}

/** The client of the apps one signs in to: an answer that the session is over is also told to the page. */
export const deskApi: Pick<ApiClient, 'get' | 'post'> = {
  get: <T>(path: string, options?: RequestOptions) => watch(api.get<T>(path, options)),
  post: <T>(path: string, body?: unknown, options?: RequestOptions) => watch(api.post<T>(path, body, options)),
}

/** Calls `listener` whenever an answer said that the session is over; returns how to stop. */
export function onSignedOut(listener: () => void): () => void {
  window.addEventListener(signedOutEvent, listener)
  return () => window.removeEventListener(signedOutEvent, listener)
}
