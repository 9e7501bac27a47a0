namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>One concern that spans fields or needs more than a type and a range.</summary>
internal interface IConfigurationRule
{
    /// <summary>
    /// Adds what it finds. Runs also over options with errors, to report everything at once: values that could not be read are null or
    /// default then, already reported, and to be passed over.
    /// </summary>
    void Check(SidecarOptions options, ConfigurationFindings findings);
}
