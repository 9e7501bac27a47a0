using System.Buffers;

namespace MtlsSidecar.Authority.Hosting;

/// <summary>Reads small request bodies whole, never more than their endpoint allows.</summary>
internal static class RequestBody
{
    /// <summary>Reads a body; null when it is longer than allowed, however it says so.</summary>
    public static async Task<byte[]?> ReadAsync(HttpContext context, int maxLength)
    {
        if (context.Request.ContentLength > maxLength)
        {
            return null;
        }

        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            if (result.Buffer.Length > maxLength)
            {
                reader.AdvanceTo(result.Buffer.End);
                return null;
            }

            if (result.IsCompleted)
            {
                var body = result.Buffer.ToArray();

                // Otherwise the server takes the read for one in progress and cuts the connection.
                reader.AdvanceTo(result.Buffer.End);
                return body;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
