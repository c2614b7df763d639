import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { deskApi } from '../ui/desk/desk-api.ts'
import { formatDuration } from '../ui/desk/times.ts'
import { useNotify } from '../ui/notices.tsx'
import { Select } from '../ui/select.tsx'
import { ErrorNote } from '../ui/states.tsx'
import { useAction } from '../ui/use-request.ts'
import { reasonsFor } from './card-actions.ts'
import type { CardAction } from './card-actions.ts'
import type { Card, Offer } from './wire.ts'

interface CardActionDialogProps {
  readonly card: Card
  readonly action: CardAction
  readonly epochSeconds: number | undefined
  onClose(): void
  onChanged(): void
  onReissued(offer: Offer): void
}

/** Asks for the reason and says what will happen, and when, before a card is suspended, resumed, revoked or replaced. */
export function CardActionDialog({ card, action, epochSeconds, onClose, onChanged, onReissued }: CardActionDialogProps) {
  const { t, i18n } = useTranslation()
  const notify = useNotify()
  const [reason, setReason] = useState('')
  const act = useAction(async () => {
    const answer = await deskApi.post<Offer>(`/v1/cards/${card.card_id}/${action}`, { reason }, { idempotent: true })
    if (action === 'reissue') onReissued(answer)
    notify(t(`card_action.${action}_done`), 'good')
    onChanged()
    onClose()
  })
  const when = epochSeconds === undefined
    ? t('card_action.when')
    : t('card_action.when_seconds', { time: formatDuration(epochSeconds, i18n.language) })
  return (
    <ConfirmDialog
      title={t(`card_action.${action}_title`)} isOpen onClose={onClose} onConfirm={() => void act.run()}
      confirmLabel={t(`card_action.${action}_confirm`)} cancelLabel={t('desk.keep')} isDangerous={action === 'revoke'}
      isBusy={act.isRunning} isConfirmDisabled={reason === ''}
    >
      <p>{t(`card_action.${action}_text`)}</p>
      {action !== 'reissue' && <p>{when}</p>}
      <p><strong>{t(`card_action.${action}_undo`)}</strong></p>
      <Select
        label={t('card_action.reason')} value={reason} onChange={setReason}
        options={[
          { value: '', label: t('card_action.choose_reason') },
          ...reasonsFor(action).map((value) => ({ value, label: t(`card_reason.${value}`) })),
        ]}
      />
      <ErrorNote error={act.error} />
    </ConfirmDialog>
  )
}
