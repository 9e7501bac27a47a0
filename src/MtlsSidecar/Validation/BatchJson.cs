using System.Text.Json.Serialization;

namespace MtlsSidecar.Validation;

/// <summary>How batch lines and reports are read and written. A misspelt key is an error: a misspelt restriction must not be none.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(BatchLine))]
[JsonSerializable(typeof(ValidationReport))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(System.Text.Json.JsonElement))]
internal sealed partial class BatchJson : JsonSerializerContext;
