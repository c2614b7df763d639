import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { CodePanel } from '../ui/desk/code-panel.tsx'
import { Countdown } from '../ui/desk/countdown.tsx'
import { deskApi } from '../ui/desk/desk-api.ts'
import { ProgressSteps } from '../ui/desk/progress-steps.tsx'
import { useNotify } from '../ui/notices.tsx'
import { ErrorNote } from '../ui/states.tsx'
import { useAction, useRequest } from '../ui/use-request.ts'
import type { Offer, OfferState } from './wire.ts'

/** An offer the officer has on the screen, and whether it replaces a card. */
export interface OpenOffer {
  readonly offer: Offer
  readonly isReplacement: boolean
}

interface OfferPanelProps extends OpenOffer {
  onClose(): void
  /** The wallet has taken the card: what is shown of the resident should be read anew. */
  onIssued(): void
  onNewOffer(): void
}

/** An offer on its way into a wallet: code, transaction code, link, and how far it has come. */
export function OfferPanel({ offer, isReplacement, onClose, onIssued, onNewOffer }: OfferPanelProps) {
  const { t } = useTranslation()
  const notify = useNotify()
  const panel = useRef<HTMLElement>(null)
  useEffect(() => {
    panel.current?.scrollIntoView({ block: 'start' })
    panel.current?.focus({ preventScroll: true })
  }, [])
  const [ended, setEnded] = useState<OfferState>()
  const progress = useRequest(ended === undefined ? `offer/${offer.offer_id}` : undefined, async (signal) => {
    const answer = await deskApi.get<{ state: OfferState }>(`/v1/offers/${offer.offer_id}`, { signal })
    if (answer.state !== 'pending' && answer.state !== 'claimed') setEnded(answer.state)
    if (answer.state === 'issued') onIssued()
    return answer
  }, { everyMs: 1500 })
  const state = ended ?? progress.data?.state ?? 'pending'
  const cancel = useAction(async () => {
    await deskApi.post(`/v1/offers/${offer.offer_id}/cancel`)
    setEnded('cancelled')
  })
  const copyCode = async () => {
    try {
      await navigator.clipboard.writeText(offer.tx_code)
      notify(t('offer.code_copied'), 'good')
    } catch {
      notify(t('offer.code_not_copied'), 'bad')
    }
  }

  if (state === 'issued') {
    return (
      <section className="panel" aria-label={t('offer.title')}>
        <div className="note note-good" role="status">
          <h2>{t('offer.issued')}</h2>
          <p>{t(isReplacement ? 'offer.issued_replacement' : 'offer.issued_text')}</p>
        </div>
        <div className="actions"><Button kind="primary" onPress={onClose}>{t('offer.close')}</Button></div>
      </section>
    )
  }
  if (state === 'expired' || state === 'cancelled') {
    return (
      <section className="panel" aria-label={t('offer.title')}>
        <div className="note note-wait" role="status">
          <h2>{t(`offer.${state}`)}</h2>
          <p>{t(`offer.${state}_text`)}</p>
        </div>
        <div className="actions">
          <Button kind="primary" onPress={onNewOffer}>{t('offer.again')}</Button>
          <Button kind="quiet" onPress={onClose}>{t('offer.close')}</Button>
        </div>
      </section>
    )
  }
  const isPending = state === 'pending'
  return (
    <section ref={panel} tabIndex={-1} className="panel" aria-label={t('offer.title')}>
      <div className="row-spread">
        <h2>{t('offer.title')}</h2>
        <Countdown until={offer.expires_at} />
      </div>
      <ProgressSteps
        label={t('offer.progress')} current={isPending ? 0 : 1}
        steps={[t('offer.step_scan'), t('offer.step_claimed'), t('offer.step_issued')]}
      />
      {isPending
        ? (
          <CodePanel label={t('offer.scan')} walletLink={offer.wallet_link} otherLink={offer.offer_link}>
            <div className="tx-code">
              <span className="field-label" id="tx-code-label">{t('offer.tx_code')}</span>
              <output className="tx-code-digits" aria-labelledby="tx-code-label" data-testid="tx-code">{offer.tx_code}</output>
              <p className="field-hint">{t('offer.tx_code_hint')}</p>
              <Button kind="quiet" onPress={() => void copyCode()}>{t('offer.copy_code')}</Button>
            </div>
          </CodePanel>
          )
        : <p className="note" role="status">{t('offer.claimed_text')}</p>}
      <ErrorNote error={cancel.error ?? progress.error} />
      {isPending && (
        <div className="actions">
          <Button kind="quiet" isBusy={cancel.isRunning} onPress={() => void cancel.run()}>{t('offer.cancel')}</Button>
        </div>
      )}
    </section>
  )
}
