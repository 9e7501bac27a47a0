using System.Text.Json.Serialization;

namespace MtlsSidecar.Authority.Commands;

/// <summary>What commands print as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ListedCertificate))]
internal sealed partial class CommandJson : JsonSerializerContext;
