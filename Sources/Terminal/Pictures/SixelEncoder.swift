import CChafa

/// Sixel graphics (DEC STD 070) by libchafa, which quantises and dithers.
enum SixelEncoder {
    /// The whole sequence, DCS to ST; nil when libchafa fails.
    static func encode(_ image: PixelImage) -> [UInt8]? {
        guard let config = chafa_canvas_config_new() else { return nil }
        defer { chafa_canvas_config_unref(config) }
        // The cell geometry only sets the output's size in pixels here.
        chafa_canvas_config_set_geometry(config, 1, 1)
        chafa_canvas_config_set_cell_geometry(config, Int32(image.width), Int32(image.height))
        chafa_canvas_config_set_canvas_mode(config, CHAFA_CANVAS_MODE_TRUECOLOR)
        chafa_canvas_config_set_pixel_mode(config, CHAFA_PIXEL_MODE_SIXELS)
        guard let canvas = chafa_canvas_new(config) else { return nil }
        defer { chafa_canvas_unref(canvas) }
        // libchafa counts rows in 32-bit words: rows of three bytes a pixel would be sheared at most widths.
        var pixels: [UInt8] = []
        pixels.reserveCapacity(image.width * image.height * 4)
        for start in stride(from: 0, to: image.rgb.count, by: 3) {
            pixels += image.rgb[start..<start + 3]
            pixels.append(255)
        }
        chafa_canvas_draw_all_pixels(
            canvas, CHAFA_PIXEL_RGBA8_UNASSOCIATED, pixels, Int32(image.width), Int32(image.height),
            Int32(image.width * 4))
        guard let info = chafa_term_info_new() else { return nil }
        defer { chafa_term_info_unref(info) }
        chafa_term_info_set_seq(info, CHAFA_TERM_SEQ_BEGIN_SIXELS, "\u{1B}P%1;%2;%3q", nil)
        chafa_term_info_set_seq(info, CHAFA_TERM_SEQ_END_SIXELS, "\u{1B}\\", nil)
        guard let printed = chafa_canvas_print(canvas, info) else { return nil }
        defer { g_string_free(printed, 1) }
        let count = Int(printed.pointee.len)
        return printed.pointee.str.withMemoryRebound(to: UInt8.self, capacity: count) { bytes in
            Array(UnsafeBufferPointer(start: bytes, count: count))
        }
    }
}
