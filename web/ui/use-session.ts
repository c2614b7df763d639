import { useCallback, useEffect } from 'react'
import { api } from './api-client.ts'
import { useRequest } from './use-request.ts'

export type Role = 'staff' | 'operator' | 'merchant' | 'federation' | 'auditor'

/** Who is signed in, as `GET /auth/session` says. */
export interface Session {
  readonly signed_in: boolean
  readonly name?: string
  readonly roles?: readonly Role[]
  readonly merchant_id?: string
  readonly csrf_token?: string
}

/** The session of an app for staff, verifiers or merchants. Signing in leaves the page and comes back to it. */
export function useSession(app: 'staff' | 'verifier' | 'merchant') {
  const request = useRequest('session', async (signal) => {
    const session = await api.get<Session>(`/auth/session?app=${app}`, { signal })
    api.setCsrfToken(session.csrf_token)
    return session
  })
  const { reload } = request
  useEffect(() => {
    window.addEventListener('focus', reload)
    return () => window.removeEventListener('focus', reload)
  }, [reload])
  const signIn = useCallback(() => location.assign(`/auth/login?app=${app}`), [app])
  const signOut = useCallback(async () => {
    await api.post(`/auth/logout?app=${app}`)
    reload()
  }, [app, reload])
  return {
    ...request,
    session: request.data,
    hasRole: (role: Role) => request.data?.roles?.includes(role) ?? false,
    signIn,
    signOut,
  }
}
