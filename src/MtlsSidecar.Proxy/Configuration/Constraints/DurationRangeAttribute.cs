namespace MtlsSidecar.Proxy.Configuration.Constraints;

/// <summary>The legal range of a duration, both ends included, written as in the configuration.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationRangeAttribute(string minimum, string maximum) : Attribute
{
    public string Minimum { get; } = minimum;

    public string Maximum { get; } = maximum;
}
