import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { AppShell } from '../app-shell.tsx'
import type { AppShellProps } from '../app-shell.tsx'
import { Button } from '../button.tsx'
import { Dialog } from '../dialog.tsx'
import { ErrorState, Loading } from '../states.tsx'
import { useCity } from '../use-city.ts'
import { useSession } from '../use-session.ts'
import type { Role } from '../use-session.ts'
import { onSignedOut } from './desk-api.ts'
import './desk.css'

export interface DeskShellProps extends Omit<AppShellProps, 'cityName' | 'aside' | 'navigation' | 'children'> {
  /** The screen, or how to make it for somebody with these roles. */
  readonly children: ReactNode | ((roles: readonly Role[]) => ReactNode)
  /** An entry with a role is shown only to those who have it. */
  readonly navigation?: readonly (NonNullable<AppShellProps['navigation']>[number] & { readonly role?: Role })[]
  readonly app: 'staff' | 'verifier' | 'merchant'
  /** Any one of these opens the app. */
  readonly roles: readonly Role[]
  /** What the app is for, in a sentence, for those who are not signed in yet. */
  readonly purpose: string
}

/**
 * The frame of an app one signs in to. When the session ends in the middle of work the screen stays as it is, what was
 * typed included, until the same person has signed in again in another tab.
 */
export function DeskShell({ app, roles, purpose, title, navigation, screen, width, children }: DeskShellProps) {
  const { t } = useTranslation()
  const city = useCity()
  const { session, error, isLoading, reload, hasRole, signIn, signOut } = useSession(app)
  const [person, setPerson] = useState<{ readonly name: string; readonly roles: readonly Role[] }>()
  const isSignedIn = session?.signed_in === true
  const name = session?.name ?? ''
  if (isSignedIn && person === undefined) setPerson({ name, roles: session.roles ?? [] })
  useEffect(() => onSignedOut(reload), [reload])
  useEffect(() => {
    // What is on the screen was read by somebody else: start afresh.
    if (isSignedIn && person !== undefined && person.name !== name) location.reload()
  }, [isSignedIn, person, name])
  const leave = async () => {
    setPerson(undefined)
    await signOut()
  }

  const mayUse = isSignedIn && roles.some(hasRole)
  // When the session has ended the page stays as it was, for who had it.
  const held = isSignedIn ? session.roles ?? [] : person?.roles ?? []
  const isExpired = session !== undefined && !isSignedIn && person !== undefined
  const frame = {
    title,
    cityName: city.data?.name,
    ...(width === undefined ? {} : { width }),
    ...(isSignedIn ? { aside: <SignedInAs name={name} onSignOut={leave} /> } : {}),
  }
  if (mayUse || isExpired) {
    return (
      <AppShell key="open" {...frame} {...(navigation === undefined ? {} : { navigation: navigation.filter(({ role }) => role === undefined || held.includes(role)) })} {...(screen === undefined ? {} : { screen })}>
        {typeof children === 'function' ? children(held) : children}
        <Dialog title={t('desk.expired.title')} role="alertdialog" isOpen={isExpired} onClose={reload}>
          <p>{t('desk.expired.text')}</p>
          <div className="actions">
            <a className="button button-primary" href={`/auth/login?app=${app}`} target="_blank" rel="noopener">
              {t('desk.expired.sign_in')}
            </a>
            <Button isBusy={isLoading} onPress={reload}>{t('desk.expired.done')}</Button>
          </div>
        </Dialog>
      </AppShell>
    )
  }
  return (
    <AppShell {...frame}>
      {session === undefined && (error === undefined
        ? <Loading />
        : <ErrorState error={error} onRetry={reload} />)}
      {session !== undefined && !isSignedIn && (
        <section className="desk-welcome">
          <h1>{title}</h1>
          <p className="lead">{purpose}</p>
          <Button kind="primary" isWide onPress={signIn}>{t('desk.sign_in')}</Button>
          <p className="field-hint">{t('desk.sign_in_hint')}</p>
        </section>
      )}
      {isSignedIn && !mayUse && (
        <section className="desk-welcome">
          <h1>{t('desk.wrong_role.title')}</h1>
          <p className="lead">{t('desk.wrong_role.text', { app: title, name })}</p>
          <Button kind="primary" onPress={() => void leave()}>{t('desk.wrong_role.action')}</Button>
        </section>
      )}
    </AppShell>
  )
}

function SignedInAs({ name, onSignOut }: { name: string; onSignOut(): Promise<void> }): ReactNode {
  const { t } = useTranslation()
  return (
    <>
      <span className="desk-person"><span className="visually-hidden">{t('desk.signed_in_as')} </span>{name}</span>
      <Button onPress={() => void onSignOut()}>{t('desk.sign_out')}</Button>
    </>
  )
}
