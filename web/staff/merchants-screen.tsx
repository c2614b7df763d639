import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { deskApi } from '../ui/desk/desk-api.ts'
import { ProblemNote } from '../ui/desk/problem-note.tsx'
import { listOf } from '../ui/desk/list-of.ts'
import { useNotify } from '../ui/notices.tsx'
import { EmptyState, ErrorState, Loading } from '../ui/states.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAction, useRequest } from '../ui/use-request.ts'
import { isIban, normaliseIban } from './iban.ts'
import type { Merchant } from './wire.ts'

/** The merchants that take this city's points. */
export function MerchantsScreen() {
  const { t } = useTranslation()
  const { data, error, reload } = useRequest('merchants', async (signal) => listOf<Merchant>(await deskApi.get('/v1/merchants', { signal }), 'merchants'))
  const [isOpen, setOpen] = useState(false)
  const register = <Button kind="primary" onPress={() => setOpen(true)}>{t('merchants.register')}</Button>
  return (
    <>
      <div className="row-spread">
        <h1>{t('merchants.title')}</h1>
        {data !== undefined && data.length > 0 && register}
      </div>
      <p className="lead">{t('merchants.lead')}</p>
      {data === undefined && (error === undefined ? <Loading /> : <ErrorState error={error} onRetry={reload} />)}
      {data !== undefined && (
        <DataTable
          caption={t('merchants.table')} rows={data} rowKey={(row) => row.merchant_id} exportName="merchants"
          empty={<EmptyState title={t('merchants.none')} action={register}><p>{t('merchants.none_text')}</p></EmptyState>}
          columns={[
            { key: 'name', title: t('merchants.name'), cell: (row) => row.name, text: (row) => row.name },
            { key: 'login', title: t('merchants.login'), cell: (row) => row.login ?? '–', text: (row) => row.login ?? '' },
            { key: 'account', title: t('merchants.account'), cell: (row) => row.iban_masked ?? '–', text: (row) => row.iban_masked ?? '' },
            { key: 'address', title: t('merchants.address'), cell: (row) => <code>{row.address}</code>, text: (row) => row.address },
          ]}
        />
      )}
      {isOpen && <RegisterDialog onClose={() => setOpen(false)} onRegistered={reload} />}
    </>
  )
}

function RegisterDialog({ onClose, onRegistered }: { onClose(): void; onRegistered(): void }) {
  const { t } = useTranslation()
  const notify = useNotify()
  const [name, setName] = useState('')
  const [iban, setIban] = useState('')
  const [login, setLogin] = useState('')
  const account = login.trim().toLowerCase()
  const isAccountName = /^[a-z0-9][a-z0-9._@-]{2,60}$/.test(account)
  const [isChecked, setChecked] = useState(false)
  const [registered, setRegistered] = useState<Merchant>()
  const register = useAction(async () => {
    const merchant = await deskApi.post<Merchant>('/v1/merchants',
      { name: name.trim(), iban: normaliseIban(iban), login: account }, { idempotent: true })
    notify(t('merchants.registered', { name: merchant.name }), 'good')
    onRegistered()
    if (merchant.password === undefined) onClose()
    else setRegistered(merchant)
  })
  if (registered !== undefined) {
    return (
      <Dialog title={t('merchants.first_password')} role="alertdialog" isOpen onClose={onClose}>
        <p>{t('merchants.first_password_text', { login: registered.login ?? account })}</p>
        <output className="first-password" aria-label={t('merchants.first_password')}>{registered.password}</output>
        <div className="actions"><Button kind="primary" onPress={onClose}>{t('merchants.done')}</Button></div>
      </Dialog>
    )
  }
  return (
    <Dialog title={t('merchants.register')} isOpen onClose={onClose}>
      <form
        className="stack" noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setChecked(true)
          if (name.trim() !== '' && isAccountName && isIban(iban)) void register.run()
        }}
      >
        <TextField label={t('merchants.name')} value={name} onChange={setName} maxLength={80} autoComplete="off"
          error={isChecked && name.trim() === '' ? t('problem.required') : undefined} />
        <TextField
          label={t('merchants.iban')} hint={t('merchants.iban_hint')} value={iban} onChange={setIban} maxLength={42} autoComplete="off"
          error={isChecked && !isIban(iban) ? t('merchants.iban_invalid') : undefined}
        />
        <TextField label={t('merchants.login')} hint={t('merchants.login_hint')} value={login} onChange={setLogin} maxLength={64}
          autoComplete="off" error={isChecked && !isAccountName ? t('merchants.login_invalid') : undefined} />
        <ProblemNote error={register.error} />
        <div className="actions">
          <Button type="submit" kind="primary" isBusy={register.isRunning}>{t('merchants.submit')}</Button>
          <Button kind="quiet" onPress={onClose}>{t('desk.cancel')}</Button>
        </div>
      </form>
    </Dialog>
  )
}
