/**
 * The pictures that lie beside model files, as ComfyUI serves them.
 *
 * @module periplus/picker/pictures
 */

import { ask } from "../server/ask.js";

/**
 * @param {any} api - ComfyUI's.
 * @param {string} folder - ComfyUI's name of a folder of models.
 * @returns {Promise<Map<string, string>>} The address of a picture by the name of its model, where
 *   there is one. ComfyUI's own lists do not tell, and asking for one that is not there shows up as
 *   an error in the console.
 */
export async function findPictures(api, folder) {
  const { places } = await ask(api, "model_pictures", { folder });
  return new Map(
    Object.entries(places).map(([name, place]) => {
      const path = name.split(/[/\\]/).map(encodeURIComponent).join("/");
      return [name, api.apiURL(`/experiment/models/preview/${folder}/${place}/${path}`)];
    }),
  );
}
