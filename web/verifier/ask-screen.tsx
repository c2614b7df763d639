import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { Checkbox } from '../ui/checkbox.tsx'
import { ChoiceGroup } from '../ui/desk/choice-group.tsx'
import { Select } from '../ui/select.tsx'
import { ErrorNote } from '../ui/states.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAction } from '../ui/use-request.ts'
import { claimLabel } from './claim-label.ts'
import { createRequest } from './create-request.ts'
import { AGES, CLAIMS, createQuestion } from './question.ts'
import type { Preset, Question, QuestionChoice } from './question.ts'
import { useMemberCities } from './use-member-cities.ts'
import type { CreatedRequest } from './wire.ts'

const presets: readonly Preset[] = ['age', 'resident', 'identity', 'free']

export const firstChoice: QuestionChoice = { preset: 'age', age: 18, city: 'any', claims: [], purpose: '' }

interface AskScreenProps {
  readonly choice: QuestionChoice
  onChoice(choice: QuestionChoice): void
  onAsked(question: Question, request: CreatedRequest): void
}

/** Choosing what to ask: as little as the question needs, and what for, in words the person will read. */
export function AskScreen({ choice, onChoice, onAsked }: AskScreenProps) {
  const { t } = useTranslation()
  const cities = useMemberCities()
  const change = (part: Partial<QuestionChoice>) => onChoice({ ...choice, ...part })
  const purpose = choice.purpose.trim() !== '' ? choice.purpose : defaultPurpose(choice, t)
  const question = createQuestion({ ...choice, purpose })
  const ask = useAction(async () => onAsked(question, await createRequest(question)))
  const isAnyClaim = question.claims.length > 0

  return (
    <>
      <h1>{t('ask.title')}</h1>
      <form
        className="panel" aria-label={t('ask.title')}
        onSubmit={(event) => {
          event.preventDefault()
          if (isAnyClaim) void ask.run()
        }}
      >
        <ChoiceGroup
          label={t('ask.question')} isLabelHidden value={choice.preset} onChange={(preset) => change({ preset })}
          options={presets.map((preset) => ({
            value: preset,
            label: t(`preset.${preset}`, { age: choice.age }),
            hint: t(`preset.${preset}_hint`),
          }))}
        />
        {choice.preset === 'age' && (
          <Select
            label={t('ask.age')} value={String(choice.age)} onChange={(age) => change({ age: Number(age) })}
            options={AGES.map((age) => ({ value: String(age), label: t('ask.age_over', { age }) }))}
          />
        )}
        {choice.preset === 'resident' && (
          <Select
            label={t('ask.city')} value={choice.city} onChange={(city) => change({ city })}
            options={[{ value: 'any', label: t('ask.any_city') }, ...cities.map(({ locode, name }) => ({ value: locode, label: name }))]}
          />
        )}
        {choice.preset === 'free' && (
          <fieldset className="field-group">
            <legend className="field-label">{t('ask.claims')}</legend>
            <div className="claim-choices">
              {CLAIMS.map((claim) => (
                <Checkbox
                  key={claim} isSelected={choice.claims.includes(claim)}
                  onChange={(isSelected) => change({
                    claims: isSelected ? [...choice.claims, claim] : choice.claims.filter((other) => other !== claim),
                  })}
                >
                  {claimLabel(claim, t)}
                </Checkbox>
              ))}
            </div>
          </fieldset>
        )}
        <TextField
          label={t('ask.purpose')} hint={t('ask.purpose_hint')} value={choice.purpose} placeholder={defaultPurpose(choice, t)}
          maxLength={120} autoComplete="off" onChange={(text) => change({ purpose: text })}
        />
        <p className="note">
          {isAnyClaim
            ? t('ask.summary', { claims: question.claims.map((claim) => claimLabel(claim, t)).join(', ') })
            : t('ask.nothing')}
        </p>
        <ErrorNote error={ask.error} />
        <Button type="submit" kind="primary" isWide isBusy={ask.isRunning} isDisabled={!isAnyClaim}>{t('ask.submit')}</Button>
      </form>
    </>
  )
}

function defaultPurpose(choice: QuestionChoice, t: TFunction): string {
  return t(`preset.${choice.preset}_purpose`, { age: choice.age })
}
