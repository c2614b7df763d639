import type { ReactNode } from 'react'
import { Button as AriaButton } from 'react-aria-components/Button'
import type { ButtonProps as AriaButtonProps } from 'react-aria-components/Button'
import { useTranslation } from 'react-i18next'

export interface ButtonProps extends Omit<AriaButtonProps, 'children' | 'className' | 'style'> {
  readonly children: ReactNode
  /** `primary` for the one thing to do on a screen, `danger` for what cannot be taken back. */
  readonly kind?: 'primary' | 'secondary' | 'quiet' | 'danger'
  /** Shows that the work is going on; the button keeps its focus but does nothing. */
  readonly isBusy?: boolean | undefined
  readonly isWide?: boolean
}

/** A button of at least 44 px, pressed by touch, mouse, keyboard or voice alike. */
export function Button({ children, kind = 'secondary', isBusy = false, isWide = false, onPress, type = 'button', ...rest }: ButtonProps) {
  const { t } = useTranslation()
  return (
    <AriaButton
      {...rest} type={isBusy ? 'button' : type} {...(isBusy || onPress === undefined ? {} : { onPress })}
      className={`button button-${kind}${isWide ? ' button-wide' : ''}${isBusy ? ' button-busy' : ''}`}
    >
      {isBusy && <span className="spinner" role="img" aria-label={t('state.working')} />}
      <span>{children}</span>
    </AriaButton>
  )
}

/** A link that looks like a button, for going somewhere rather than doing something. */
export function ButtonLink(
  { href, children, kind = 'secondary', isWide = false }:
  { href: string; children: ReactNode; kind?: 'primary' | 'secondary' | 'quiet'; isWide?: boolean },
) {
  return <a className={`button button-${kind}${isWide ? ' button-wide' : ''}`} href={href}><span>{children}</span></a>
}
