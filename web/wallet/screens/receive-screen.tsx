import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fetchCredentialOffer } from '../../../agent/protocols/credential-offer.ts'
import { fetchIssuerMetadata } from '../../../agent/protocols/fetch-issuer-metadata.ts'
import { Button } from '../../ui/button.tsx'
import { Decision } from '../../ui/decision.tsx'
import { Loading } from '../../ui/states.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAction, useRequest } from '../../ui/use-request.ts'
import { goTo } from '../../ui/use-route.ts'
import { renewFederation } from '../cards/federation.ts'
import { acceptOffer } from '../cards/receive-card.ts'
import type { CardRecord } from '../vault/records.ts'
import { useWallet } from '../wallet-context.tsx'
import { WalletCard } from './wallet-card.tsx'
import { WalletError, WalletErrorNote } from './wallet-error.tsx'

const send = (url: string, init?: RequestInit) => fetch(url, init)

/** A city offers a card: who offers, the code that was given at the desk, and the card. */
export function ReceiveScreen({ link }: { link: string }) {
  const { t } = useTranslation()
  const tools = useWallet()
  const [txCode, setTxCode] = useState('')
  const [card, setCard] = useState<CardRecord>()
  const offered = useRequest(link, async () => {
    const offer = await fetchCredentialOffer(link, send)
    const { name } = await fetchIssuerMetadata(offer, send)
    return { offer, name: name ?? new URL(offer.credentialIssuer).host }
  })
  const accept = useAction(async () => {
    if (offered.data === undefined) return
    const received = await acceptOffer({
      offer: offered.data.offer, offerLink: link, ...(offered.data.offer.txCode === undefined ? {} : { txCode: txCode.trim() }),
    }, tools)
    setCard(received)
    void navigator.storage?.persist?.()
    // The card is there, whether or not the city tells now who else is in the federation: the wallet asks again when it resumes.
    void renewFederation({ vault: tools.vault }).catch(() => {})
  })

  if (card !== undefined) {
    return (
      <>
        <h1>{t('receive.done_title')}</h1>
        <WalletCard card={card} />
        <Decision kind="yes" word={t('receive.done_word')}>{t('receive.done_text')}</Decision>
        <Button kind="primary" isWide onPress={() => goTo('/', { replace: true })}>{t('receive.to_card')}</Button>
      </>
    )
  }
  if (offered.error !== undefined) return <WalletError error={offered.error} onRetry={offered.reload} />
  if (offered.data === undefined) return <Loading>{t('receive.loading')}</Loading>
  const { offer, name } = offered.data
  const needed = offer.txCode?.length
  const isComplete = offer.txCode === undefined || (needed === undefined ? txCode.trim() !== '' : txCode.trim().length === needed)
  return (
    <form
      className="stack" onSubmit={(event) => {
        event.preventDefault()
        void accept.run()
      }}
    >
      <h1>{t('receive.title', { city: name })}</h1>
      <p className="soft">{t('receive.from', { address: new URL(offer.credentialIssuer).host })}</p>
      {offer.txCode !== undefined && (
        <div className="wallet-code">
          <TextField
            label={t('receive.code')} hint={t('receive.code_hint')} value={txCode} onChange={setTxCode} autoComplete="one-time-code" autoFocus
            inputMode={offer.txCode.inputMode === 'numeric' ? 'numeric' : 'text'} {...(needed === undefined ? {} : { maxLength: needed })}
          />
        </div>
      )}
      <WalletErrorNote error={accept.error} />
      <Button kind="primary" type="submit" isWide isBusy={accept.isRunning} isDisabled={!isComplete}>{t('receive.accept')}</Button>
      <Button kind="quiet" onPress={() => goTo('/', { replace: true })}>{t('receive.refuse')}</Button>
    </form>
  )
}
