import { z } from 'zod';

export const alarmView = z
  .strictObject({
    /** How many times the window was looked at with this report: rows that came late make another look. */
    look: z.int(),
    /** False where drift at a later look is less rare than that look takes. */
    alarms: z.boolean(),
    /** How often chance gives as much drift, as a share of healthy windows; null where the look takes no more than drift. */
    chance: z.number().nullable(),
    /** How rare it has to be at this look. */
    needed_chance: z.number().nullable(),
    why: z.string().nullable(),
  })
  .meta({
    id: 'Alarm',
    description:
      'What its drift is to the alert. Each look at a window is another chance of a false alarm, so later looks raise one only for what is rarer',
  });

export type Alarm = z.infer<typeof alarmView>;
