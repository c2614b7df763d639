/** The four signs of the navigation, drawn with the colour of the text beside them. */
export const CardIcon = () => <svg viewBox="0 0 24 24" aria-hidden="true"><rect x="2.5" y="5" width="19" height="14" rx="2.5" /><circle cx="8" cy="11" r="2" /><path d="M5.5 16c.6-1.6 4.4-1.6 5 0M14 10h4.5M14 14h3" /></svg>
export const ScanIcon = () => <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 8V5a2 2 0 0 1 2-2h3m8 0h3a2 2 0 0 1 2 2v3m0 8v3a2 2 0 0 1-2 2h-3m-8 0H5a2 2 0 0 1-2-2v-3M4 12h16" /></svg>
export const PointsIcon = () => <svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9" /><path d="M12 3v3.5l2.2 2L9.800 12l4.400 3.500-2.200 2V21" /></svg>
export const MoreIcon = () => <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 7h16M4 12h16M4 17h16" /></svg>
