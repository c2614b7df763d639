import { useTranslation } from 'react-i18next'

/** Where something stands on its way: steps done, the one under way, those to come; announced when it moves on. */
export function ProgressSteps({ label, steps, current }: { label: string; steps: readonly string[]; current: number }) {
  const { t } = useTranslation()
  return (
    <>
      <ol className="steps" aria-label={label}>
        {steps.map((step, index) => (
          <li
            key={step} className={index < current ? 'step step-done' : index === current ? 'step step-now' : 'step'}
            aria-current={index === current ? 'step' : undefined}
          >
            <span className="step-mark" aria-hidden="true">{index < current ? '✓' : index + 1}</span>
            <span>{step}{index < current && <span className="visually-hidden"> {t('desk.step_done')}</span>}</span>
          </li>
        ))}
      </ol>
      <p className="visually-hidden" role="status">{steps[current] ?? `${steps.at(-1) ?? ''} ${t('desk.step_done')}`}</p>
    </>
  )
}
