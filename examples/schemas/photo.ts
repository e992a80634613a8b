import { z } from 'zod';

/** A description of a photo: its objects, scene, colours, time of day, setting, and text where there is some. */
export default z.object({
  summary: z.string().max(300).describe('One sentence on what the photo shows'),
  objects: z
    .array(
      z.object({
        name: z.string().max(60),
        count: z.int().min(1).max(1000).optional(),
        attributes: z.array(z.string().max(40)).max(5).describe('Such as its colour, material or state'),
      }),
    )
    .max(20)
    .describe('The main objects, the most prominent first'),
  scene: z.string().max(80).describe('The place: kitchen, beach, street market'),
  colours: z.array(z.string().max(30)).max(6).describe('Main colours, the largest area first'),
  timeOfDay: z.enum(['morning', 'afternoon', 'evening', 'night']).optional(),
  setting: z.enum(['indoor', 'outdoor', 'unclear']),
  text: z.string().max(1000).optional().describe('What is written in the photo, as written'),
});
