import { useTranslation } from 'react-i18next'
import { Button, ButtonLink } from '../ui/button.tsx'
import { ChoiceGroup } from '../ui/desk/choice-group.tsx'
import { DateField } from '../ui/desk/date-field.tsx'
import { deskApi } from '../ui/desk/desk-api.ts'
import { formatDay } from '../ui/desk/times.ts'
import { ErrorNote } from '../ui/states.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAction } from '../ui/use-request.ts'
import { CardBadge } from './card-badge.tsx'
import { sortCards } from './card-actions.ts'
import type { Resident } from './wire.ts'

export interface ResidentSearch {
  readonly by: 'person' | 'card'
  readonly familyName: string
  readonly birthDate: string
  readonly cardNumber: string
  readonly found: readonly Resident[] | undefined
}

export const emptySearch: ResidentSearch = { by: 'person', familyName: '', birthDate: '', cardNumber: '', found: undefined }

/** Finding a resident. What is searched for goes in the body of a request, never in an address. */
export function FindScreen({ search, onSearch }: { search: ResidentSearch; onSearch(search: ResidentSearch): void }) {
  const { t } = useTranslation()
  const find = useAction(async () => {
    const { residents } = await deskApi.post<{ residents: readonly Resident[] }>('/v1/residents/search', search.by === 'card'
      ? { card_number: search.cardNumber.trim() }
      : { family_name: search.familyName.trim(), birth_date: search.birthDate })
    onSearch({ ...search, found: residents })
  })
  const change = (part: Partial<ResidentSearch>) => onSearch({ ...search, ...part, found: undefined })
  const isComplete = search.by === 'card'
    ? search.cardNumber.trim() !== ''
    : search.familyName.trim() !== '' && search.birthDate !== ''

  return (
    <>
      <h1>{t('find.title')}</h1>
      <form
        className="panel" role="search" aria-label={t('find.title')}
        onSubmit={(event) => {
          event.preventDefault()
          if (isComplete) void find.run()
        }}
      >
        <ChoiceGroup
          label={t('find.by')} layout="row" value={search.by} onChange={(by) => change({ by })}
          options={[{ value: 'person', label: t('find.by_person') }, { value: 'card', label: t('find.by_card') }]}
        />
        {search.by === 'person'
          ? (
            <>
              <TextField
                label={t('person.family_name')} value={search.familyName} autoComplete="off"
                onChange={(familyName) => change({ familyName })}
              />
              <DateField
                label={t('person.birth_date')} value={search.birthDate}
                onChange={(birthDate) => change({ birthDate })}
              />
            </>
            )
          : (
            <TextField
              label={t('person.card_number')} hint={t('find.card_hint')} value={search.cardNumber} autoComplete="off"
              onChange={(cardNumber) => change({ cardNumber })}
            />
            )}
        <Button type="submit" kind="primary" isBusy={find.isRunning} isDisabled={!isComplete}>{t('find.search')}</Button>
        <ErrorNote error={find.error} />
      </form>
      <div role="status">{search.found !== undefined && <Found residents={search.found} />}</div>
      {search.found === undefined && (
        <p className="desk-aside">{t('find.new')} <ButtonLink href="#/enrol">{t('find.enrol')}</ButtonLink></p>
      )}
    </>
  )
}

function Found({ residents }: { residents: readonly Resident[] }) {
  const { t, i18n } = useTranslation()
  if (residents.length === 0) {
    return (
      <section className="panel">
        <h2>{t('find.nobody')}</h2>
        <p>{t('find.nobody_text')}</p>
        <ButtonLink kind="primary" href="#/enrol">{t('find.enrol')}</ButtonLink>
      </section>
    )
  }
  return (
    <section className="stack">
      <h2>{t('find.found', { count: residents.length })}</h2>
      <ul className="result-list">
        {residents.map((resident) => {
          const card = sortCards(resident.cards ?? [])[0]
          return (
            <li key={resident.resident_id}>
              <a className="result" href={`#/residents/${resident.resident_id}`}>
                <span className="result-main">{resident.given_name} {resident.family_name}</span>
                <span className="soft">{t('person.born', { date: formatDay(resident.birth_date, i18n.language) })}</span>
                {card === undefined ? <span className="badge">{t('card_state.none')}</span> : <CardBadge state={card.state} />}
              </a>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
