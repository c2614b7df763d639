import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { downloadText } from '../ui/csv.ts'

interface TrustSectionProps {
  readonly id: string
  readonly title: string
  readonly explanation: string
  /** What the JSON file holds, as the service gave it. */
  readonly data: readonly unknown[]
  readonly children: ReactNode
}

/** A part of the page with its explanation, and its data as a JSON file beside the table's CSV. */
export function TrustSection({ id, title, explanation, data, children }: TrustSectionProps) {
  const { t } = useTranslation()
  return (
    <section className="stack trust-section" id={id} tabIndex={-1} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      <p className="public-explanation">{explanation}</p>
      {children}
      {data.length > 0 && (
        <div className="actions">
          <Button
            kind="quiet" aria-label={t('head.json_of', { title })}
            onPress={() => downloadText(`${id}.json`, 'application/json', `${JSON.stringify(data, null, 2)}\n`)}
          >
            {t('head.json')}
          </Button>
        </div>
      )}
    </section>
  )
}
